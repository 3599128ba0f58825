------------------------------ MODULE Protocol ------------------------------
(***************************************************************************)
(* The protocol of dolmen: slots, walks, writes, migration, swing.         *)
(*                                                                         *)
(* Every action below is one atomic access of one thread to what threads   *)
(* share, in one total order (sequential consistency). An action bears the *)
(* name of the step in the code; README.md has the table. A thread's own   *)
(* computing belongs to the access before it.                              *)
(*                                                                         *)
(* `map' is the abstract map. It changes at linearization points only, and *)
(* every answer is compared with it at the answer's own point.             *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
    Threads,    \* who runs
    Pre,        \* the owner of nodes that are there at the start
    Program,    \* thread -> sequence of calls, [verb |-> .., key |-> ..]
    IdentOf,    \* key (1..n) -> ident (1, 2, ..)
    Home,       \* ident -> where its walk begins, modulo the size of the table
    Size,       \* slots of the first table, of its successor, ..
    ChunkSlots, \* slots of a chunk
    Before,     \* the words of the first table at the start
    Crowds,     \* may a write that takes a new slot find its table crowded?
    Straight,   \* do writes try the straight line first?
    Fault       \* "none", or what is broken on purpose

VARIABLES
    root,   \* the root: a table's number. Tables are numbered along the chain
    last,   \* the newest table: `next' of every older one is its number plus one, of this one null
    slot,   \* table -> slot -> word
    claim,  \* table -> chunks claimed
    done,   \* table -> the bitmap: a set of chunks
    map,    \* key -> the set of its nodes, one or none
    right,  \* has every answer so far been the abstract map's?
    stack,  \* thread -> its activations, innermost first; empty between calls
    calls   \* thread -> calls finished

shared == <<root, last, slot, claim, done>>
vars == <<root, last, slot, claim, done, map, right, stack, calls>>

Tables == 1..Len(Size)
Keys == 1..Len(IdentOf)
Idents == 1..Len(Home)

-----------------------------------------------------------------------------
(* Words (raw::word). A node is named by the thread and the call that make *)
(* it: so no two writes write the same, as no address that somebody may    *)
(* still see is used anew. More than one node is a list.                   *)

Empty == [st |-> "Empty", id |-> 0, ns |-> {}]
Sealed == [st |-> "Sealed", id |-> 0, ns |-> {}]
Live(id, ns) == [st |-> "Live", id |-> id, ns |-> ns]
Frozen(w) == [w EXCEPT !.st = "Frozen"]
Tomb(id) == [st |-> "Tomb", id |-> id, ns |-> {}]
Moved(id) == [st |-> "Moved", id |-> id, ns |-> {}]
HasNode(w) == w.st \in {"Live", "Frozen"}
EndsWalk(w) == w.st \in {"Empty", "Sealed"}

KeyOf(n) == IF n[1] = Pre THEN n[2] ELSE Program[n[1]][n[2]].key
Found(ns, k) == {n \in ns : KeyOf(n) = k}

-----------------------------------------------------------------------------
(* Tables. *)

At(t, id, pos) == ((Home[id] + pos) % Size[t]) + 1
Chunks(t) == (Size[t] + ChunkSlots - 1) \div ChunkSlots
First(c) == (c - 1) * ChunkSlots + 1
Last(t, c) == IF c * ChunkSlots < Size[t] THEN c * ChunkSlots ELSE Size[t]
Full(t) == done[t] = 1..Chunks(t)
HasNext(t) == t < last

Init ==
    /\ root = 1
    /\ last = 1
    /\ slot = [t \in Tables |-> IF t = 1 THEN Before ELSE [s \in 1..Size[t] |-> Empty]]
    /\ claim = [t \in Tables |-> 0]
    /\ done = [t \in Tables |-> {}]
    /\ map = [k \in Keys |-> UNION {Found(Before[s].ns, k) : s \in 1..Size[1]}]
    /\ right = TRUE
    /\ stack = [p \in Threads |-> <<>>]
    /\ calls = [p \in Threads |-> 0]

-----------------------------------------------------------------------------
(* Threads. An activation is a record: `pc' names the next step, the rest  *)
(* are the locals that are still needed. A call ends with its last         *)
(* activation.                                                             *)

Is(p, pc) == stack[p] # <<>> /\ Head(stack[p]).pc = pc
Top(p) == Head(stack[p])
Below(p) == Tail(stack[p])
Call(p) == Program[p][calls[p] + 1]
Key(p) == Call(p).key
Ident(p) == IdentOf[Key(p)]
New(p) == <<p, calls[p] + 1>>

Go(p, activations) ==
    /\ stack' = [stack EXCEPT ![p] = activations]
    /\ calls' = [calls EXCEPT ![p] = IF activations = <<>> THEN @ + 1 ELSE @]

Quietly == UNCHANGED <<map, right>>             \* no linearization point
Answers(ok) == right' = ok /\ UNCHANGED map     \* one that changes nothing

(* What is pushed for each function of the code. *)
(* `aid': is this the straight line, with no help to be given yet, or has  *)
(* this call helped?                                                       *)
Locate(t, aid) == [pc |-> "Next", t |-> t, aid |-> aid]
Help(t) == [pc |-> "Claim", t |-> t]
FinishTable(t) == [pc |-> "ClaimRest", t |-> t]
Start(t) == [pc |-> "StartNext", t |-> t]
Swing(t) == [pc |-> "Swing", t |-> t]
MoveSlots(t, from, to, chunk) ==
    [pc |-> "Freeze", t |-> t, at |-> from, to |-> to, chunk |-> chunk, w |-> Empty, cp |-> <<>>]
MoveChunk(t, c) == MoveSlots(t, First(c), Last(t, c), c)
MoveSlot(t, s) == MoveSlots(t, s, s, 0)

(* A call begins with a load of the root. *)
Begin(p) ==
    /\ stack[p] = <<>>
    /\ calls[p] < Len(Program[p])
    /\ Go(p, CASE Call(p).verb = "get" -> <<[pc |-> "Read", t |-> root, pos |-> 0, seen |-> FALSE]>>
               [] Call(p).verb = "resize" -> <<Start(root)>>
               [] Call(p).verb = "help" -> <<[pc |-> "HelpNext", t |-> root]>>
               [] Call(p).verb = "move" -> <<[pc |-> "MoveNext", t |-> root]>>
               [] Call(p).verb = "finish" -> <<[pc |-> "FinishNext", t |-> root]>>
               [] OTHER -> <<Locate(root, IF Straight THEN "straight" ELSE "none")>>)
    /\ Quietly /\ UNCHANGED shared

-----------------------------------------------------------------------------
(* Reading (raw::read::find_from). *)

(* A load of the walk. `seen': the reader has met its ident's word, with   *)
(* other keys' nodes only: that load was its point, should it find nothing *)
(* further on.                                                             *)
Read(p) ==
    /\ Is(p, "Read")
    /\ LET f == Top(p)
           w == slot[f.t][At(f.t, Ident(p), f.pos)]
           found == Found(w.ns, Key(p))
           pass == IF f.pos + 1 < Size[f.t]
                   THEN [f EXCEPT !.pos = @ + 1] ELSE [f EXCEPT !.pc = "ReadNext"]
           absent == f.seen \/ map[Key(p)] = {}
       IN CASE w.id = Ident(p) /\ w.st = "Frozen" /\ Fault = "a read goes on from frozen" ->
                 Go(p, <<[f EXCEPT !.t = @ + 1, !.pos = 0]>>) /\ Quietly
            [] w.id = Ident(p) /\ HasNode(w) ->
                 IF found # {} \/ Cardinality(w.ns) > 1
                 THEN /\ Go(p, <<>>)
                      /\ Answers(found = map[Key(p)])
                 ELSE /\ Go(p, <<[pass EXCEPT !.seen = TRUE]>>)
                      /\ Answers(map[Key(p)] = {})
            [] w.id = Ident(p) /\ w.st = "Tomb" -> Go(p, <<>>) /\ Answers(absent)
            [] w.st = "Empty" -> Go(p, <<>>) /\ Answers(absent)
            [] w.st = "Sealed" \/ (w.id = Ident(p) /\ w.st = "Moved") ->
                 Go(p, <<[f EXCEPT !.t = @ + 1, !.pos = 0]>>) /\ Quietly
            [] OTHER -> Go(p, <<pass>>) /\ Quietly
    /\ UNCHANGED shared

(* The walk came round: the load of `next'. *)
ReadNext(p) ==
    /\ Is(p, "ReadNext")
    /\ LET f == Top(p)
       IN IF HasNext(f.t)
          THEN Go(p, <<[f EXCEPT !.pc = "Read", !.t = @ + 1, !.pos = 0]>>) /\ Quietly
          ELSE Go(p, <<>>) /\ Answers(f.seen \/ map[Key(p)] = {})
    /\ UNCHANGED shared

-----------------------------------------------------------------------------
(* Writing (raw::write). *)

(* What a verb does about a key whose node was found, or not (Verb::decide). *)
Declines(verb, found) ==
    \/ verb = "try_insert" /\ found # {}
    \/ verb \in {"update", "remove"} /\ found = {}

(* The straight line has not led to an end: insist, which loads the root.  *)
Insist(p) ==
    /\ Is(p, "Insist")
    /\ Go(p, <<Locate(root, "none")>>)
    /\ Quietly /\ UNCHANGED shared

(* locate, locate_in_chain: the load of `next', and help, once in a call.  *)
Next(p) ==
    /\ Is(p, "Next")
    /\ LET f == Top(p)
           walk == [pc |-> "Walk", t |-> f.t, pos |-> 0, next |-> HasNext(f.t), aid |-> f.aid]
       IN Go(p, CASE HasNext(f.t) /\ f.aid = "straight" -> <<[pc |-> "Insist"]>>
                  [] HasNext(f.t) /\ f.aid = "none" ->
                       <<Help(f.t), [walk EXCEPT !.aid = "given"]>>
                  [] OTHER -> <<walk>>)
    /\ Quietly /\ UNCHANGED shared

(* locate_in_chain: a load of the walk, and what follows from it. The      *)
(* glance of the straight line is the beginning of such a walk.            *)
Walk(p) ==
    /\ Is(p, "Walk")
    /\ LET f == Top(p)
           s == At(f.t, Ident(p), f.pos)
           w == slot[f.t][s]
           found == Found(w.ns, Key(p))
           here == ~f.next \/ (Fault = "claim an end of a moving table" /\ w = Empty)
           beyond ==    \* after the slot has been moved: this table again, if nothing is broken
             \/ Fault = "no walk after a moved end" /\ w = Empty
             \/ Fault = "on before moved" /\ HasNode(w)
           stranger == ~EndsWalk(w) /\ w.id # Ident(p)
           taken == Fault = "a tombstone for a stranger" /\ w.st = "Tomb"
       IN CASE stranger /\ ~taken ->
                 /\ Go(p, IF f.pos + 1 < Size[f.t] THEN <<[f EXCEPT !.pos = @ + 1]>>
                          ELSE IF f.aid = "straight" THEN <<[pc |-> "Insist"]>>
                          ELSE <<[pc |-> "Exhausted", t |-> f.t, aid |-> f.aid]>>)
                 /\ Quietly
            [] f.aid = "straight" /\ w.st \in {"Moved", "Sealed", "Frozen"} ->
                 Go(p, <<[pc |-> "Insist"]>>) /\ Quietly
            [] w.st \in {"Moved", "Sealed"} ->
                 Go(p, <<Locate(f.t + 1, f.aid)>>) /\ Quietly
            [] w = Empty /\ f.next /\ Fault = "on past an unsealed end" ->
                 Go(p, <<Locate(f.t + 1, f.aid)>>) /\ Quietly
            [] w.st = "Frozen" /\ Fault = "wait for the copier" ->
                 Go(p, <<Locate(f.t, f.aid)>>) /\ Quietly
            [] w.st \in {"Empty", "Tomb", "Live"} /\ here ->
                 IF Declines(Call(p).verb, found)
                 THEN Go(p, <<>>) /\ Answers(found = map[Key(p)])
                 ELSE /\ Go(p, <<[pc |-> "Exchange", t |-> f.t, s |-> s, w |-> w, aid |-> f.aid]>>)
                      /\ Quietly
            [] OTHER ->
                 /\ Go(p, <<MoveSlot(f.t, s), Locate(IF beyond THEN f.t + 1 ELSE f.t, f.aid)>>)
                 /\ Quietly
    /\ UNCHANGED shared

(* locate_in_chain: the walk came round, the load of `next'. Without a     *)
(* successor, the verb is shown that nothing is there (attempt), and if it *)
(* wants to put something, the writer makes room.                          *)
Exhausted(p) ==
    /\ Is(p, "Exhausted")
    /\ LET f == Top(p)
       IN IF HasNext(f.t)
          THEN Go(p, <<Locate(f.t + 1, f.aid)>>) /\ Quietly
          ELSE IF Declines(Call(p).verb, {})
               THEN Go(p, <<>>) /\ Answers(map[Key(p)] = {})
               ELSE Go(p, <<Start(f.t), Locate(f.t, f.aid)>>) /\ Quietly
    /\ UNCHANGED shared

(* attempt: the compare-exchange, and account. Whether the table is found  *)
(* crowded is left open: the counts are hints.                             *)
Exchange(p) ==
    /\ Is(p, "Exchange")
    /\ LET f == Top(p)
           old == Found(f.w.ns, Key(p))
           add == IF Call(p).verb = "remove" THEN {} ELSE {New(p)}
           ns == (f.w.ns \ old) \union add
           w == IF ns = {} THEN Tomb(Ident(p)) ELSE Live(Ident(p), ns)
       IN IF slot[f.t][f.s] = f.w
          THEN /\ slot' = [slot EXCEPT ![f.t][f.s] = w]
               /\ right' = (old = map[Key(p)])
               /\ map' = [map EXCEPT ![Key(p)] = add]
               /\ \/ Go(p, <<>>)
                  \/ Crowds /\ f.w = Empty /\ f.t < Len(Size) /\ Go(p, <<Start(f.t)>>)
               /\ UNCHANGED <<root, last, claim, done>>
          ELSE /\ Go(p, IF f.aid = "straight" THEN <<[pc |-> "Insist"]>> ELSE <<Locate(f.t, f.aid)>>)
               /\ Quietly /\ UNCHANGED shared

-----------------------------------------------------------------------------
(* Migration (raw::migrate). *)

(* Makes the successor of `t', if nobody has: a load and a compare-        *)
(* exchange of `next', of which the first to come decides.                 *)
Installed(t) ==
    /\ last' = IF last = t THEN t + 1 ELSE last
    /\ UNCHANGED <<root, slot, claim, done>>

(* start, make_room: the loads of `next', of the root, and of its `next'. *)
StartNext(p) ==
    /\ Is(p, "StartNext")
    /\ Go(p, IF HasNext(Top(p).t) THEN Below(p)
             ELSE <<[pc |-> "StartRoot", t |-> Top(p).t]>> \o Below(p))
    /\ Quietly /\ UNCHANGED shared

StartRoot(p) ==
    /\ Is(p, "StartRoot")
    /\ Go(p, <<[pc |-> "StartRootNext", t |-> Top(p).t, r |-> root]>> \o Below(p))
    /\ Quietly /\ UNCHANGED shared

StartRootNext(p) ==
    /\ Is(p, "StartRootNext")
    /\ LET f == Top(p)
       IN Go(p, (IF HasNext(f.r) THEN <<FinishTable(f.r), Start(f.t)>>
                 ELSE IF f.r = f.t THEN <<[pc |-> "Install", t |-> f.t]>>
                 ELSE <<Start(f.t)>>) \o Below(p))
    /\ Quietly /\ UNCHANGED shared

(* next_or_install, of a writer that starts. *)
Install(p) ==
    /\ Is(p, "Install")
    /\ Installed(Top(p).t)
    /\ Go(p, Below(p))
    /\ Quietly

(* claim_chunk, in help and in finish_table. *)
Claim(p) ==
    /\ Is(p, "Claim") \/ Is(p, "ClaimRest")
    /\ LET f == Top(p)
           mine == claim[f.t] < Chunks(f.t)
           after == CASE f.pc = "Claim" -> [pc |-> "Complete", t |-> f.t]
                      [] f.pc = "ClaimRest" /\ mine -> f
                      [] OTHER -> [pc |-> "TakeOver", t |-> f.t, c |-> 1]
       IN /\ claim' = [claim EXCEPT ![f.t] = IF mine THEN @ + 1 ELSE @]
          /\ Go(p, (IF mine THEN <<MoveChunk(f.t, claim[f.t] + 1), after>> ELSE <<after>>)
                   \o Below(p))
    /\ Quietly /\ UNCHANGED <<root, last, slot, done>>

(* help: is_complete. *)
Complete(p) ==
    /\ Is(p, "Complete")
    /\ LET t == Top(p).t
       IN Go(p, IF Full(t) \/ (Fault = "complete when claimed" /\ claim[t] = Chunks(t))
                THEN <<Swing(t)>> \o Below(p) ELSE Below(p))
    /\ Quietly /\ UNCHANGED shared

(* finish_table: is_chunk_done, of one chunk after the other. *)
TakeOver(p) ==
    /\ Is(p, "TakeOver")
    /\ LET f == Top(p)
           after == IF f.c < Chunks(f.t) THEN [f EXCEPT !.c = @ + 1] ELSE Swing(f.t)
       IN Go(p, (IF f.c \in done[f.t] THEN <<after>> ELSE <<MoveChunk(f.t, f.c), after>>)
                \o Below(p))
    /\ Quietly /\ UNCHANGED shared

(* swing: the compare-exchange of the root. *)
SwingRoot(p) ==
    /\ Is(p, "Swing")
    /\ LET t == Top(p).t
       IN IF root = t
          THEN /\ root' = t + 1
               /\ Go(p, IF Fault = "no look after a swing" THEN Below(p)
                        ELSE <<[pc |-> "SwingNext", t |-> t + 1]>> \o Below(p))
          ELSE UNCHANGED root /\ Go(p, Below(p))
    /\ Quietly /\ UNCHANGED <<last, slot, claim, done>>

(* swing: `next' of the new root, then is_complete_after_swing. *)
SwingNext(p) ==
    /\ Is(p, "SwingNext")
    /\ Go(p, IF HasNext(Top(p).t) THEN <<[Top(p) EXCEPT !.pc = "SwingLook"]>> \o Below(p)
             ELSE Below(p))
    /\ Quietly /\ UNCHANGED shared

SwingLook(p) ==
    /\ Is(p, "SwingLook")
    /\ Go(p, IF Full(Top(p).t) THEN <<Swing(Top(p).t)>> \o Below(p) ELSE Below(p))
    /\ Quietly /\ UNCHANGED shared

-----------------------------------------------------------------------------
(* Moving slots: move_chunk (freeze all, then copy all, then the bit), and *)
(* move_slot (`chunk' is 0: no bit). `cp' are the slots that were frozen.  *)

(* What comes next, with these words to copy. *)
Copying(f, cp) ==
    IF cp # <<>> THEN <<[pc |-> "Copy", t |-> f.t, chunk |-> f.chunk, cp |-> cp,
                         in |-> f.t + 1, pos |-> 0]>>
    ELSE IF f.chunk = 0 THEN <<>>
    ELSE <<[pc |-> "Bit", t |-> f.t, c |-> f.chunk]>>

(* What comes after the freezing of a slot. *)
Freezing(f, cp) ==
    IF f.at < f.to
    THEN <<[f EXCEPT !.pc = "Freeze", !.at = @ + 1, !.w = Empty, !.cp = cp]>>
    ELSE Copying(f, cp)

(* freeze: the load. *)
Freeze(p) ==
    /\ Is(p, "Freeze")
    /\ LET f == Top(p)
           w == slot[f.t][f.at]
           taken == Append(f.cp, <<f.at, w>>)
       IN Go(p, (CASE w.st \in {"Moved", "Sealed"} -> Freezing(f, f.cp)
                   [] w.st = "Frozen" \/ (w.st = "Live" /\ Fault = "copy without freezing") ->
                        Freezing(f, taken)
                   [] OTHER -> <<[f EXCEPT !.pc = "FreezeExchange", !.w = w]>>) \o Below(p))
    /\ Quietly /\ UNCHANGED shared

(* freeze: EMPTY to SEALED, TOMB to MOVED, LIVE to FROZEN. *)
FreezeExchange(p) ==
    /\ Is(p, "FreezeExchange")
    /\ LET f == Top(p)
           w == CASE f.w = Empty -> Sealed
                  [] f.w.st = "Tomb" -> Moved(f.w.id)
                  [] OTHER -> Frozen(f.w)
           cp == IF HasNode(w) THEN Append(f.cp, <<f.at, w>>) ELSE f.cp
       IN IF slot[f.t][f.at] = f.w
          THEN /\ slot' = [slot EXCEPT ![f.t][f.at] = w]
               /\ Go(p, Freezing(f, cp) \o Below(p))
          ELSE /\ UNCHANGED slot
               /\ Go(p, <<[f EXCEPT !.pc = "Freeze", !.w = Empty]>> \o Below(p))
    /\ Quietly /\ UNCHANGED <<root, last, claim, done>>

(* finish_move, copy: a load of the walk in a successor. *)
Copy(p) ==
    /\ Is(p, "Copy")
    /\ LET f == Top(p)
           id == f.cp[1][2].id
           s == At(f.in, id, f.pos)
           w == slot[f.in][s]
           early == Fault = "on before moved" /\ f.chunk = 0
       IN Go(p, (CASE w = Empty -> <<[f EXCEPT !.pc = "Place"]>>
                   [] w = Sealed -> <<[f EXCEPT !.in = @ + 1, !.pos = 0]>>
                   [] w.id = id /\ w.st = "Tomb" /\ Fault = "copy over a tombstone" ->
                        <<[f EXCEPT !.pc = "Place"]>>
                   [] w.id = id -> IF early THEN <<>> ELSE <<[f EXCEPT !.pc = "Move"]>>
                   [] f.pos + 1 < Size[f.in] -> <<[f EXCEPT !.pos = @ + 1]>>
                   [] OTHER -> <<[f EXCEPT !.pc = "Grow"]>>) \o Below(p))
    /\ Quietly /\ UNCHANGED shared

(* place: EMPTY to LIVE in the successor. *)
Place(p) ==
    /\ Is(p, "Place")
    /\ LET f == Top(p)
           id == f.cp[1][2].id
           s == At(f.in, id, f.pos)
           early == Fault = "on before moved" /\ f.chunk = 0
       IN IF \/ slot[f.in][s] = Empty
             \/ Fault = "copy over a tombstone" /\ slot[f.in][s] = Tomb(id)
          THEN /\ slot' = [slot EXCEPT ![f.in][s] = Live(id, f.cp[1][2].ns)]
               /\ Go(p, (IF early THEN <<>> ELSE <<[f EXCEPT !.pc = "Move"]>>) \o Below(p))
          ELSE /\ UNCHANGED slot
               /\ Go(p, <<[f EXCEPT !.pc = "Copy", !.pos = 0]>> \o Below(p))
    /\ Quietly /\ UNCHANGED <<root, last, claim, done>>

(* copy: the successor is full: next_or_install. *)
Grow(p) ==
    /\ Is(p, "Grow")
    /\ Installed(Top(p).in)
    /\ Go(p, <<[Top(p) EXCEPT !.pc = "Copy", !.in = @ + 1, !.pos = 0]>> \o Below(p))
    /\ Quietly

(* Slot::finish_move: the store of MOVED. *)
Move(p) ==
    /\ Is(p, "Move")
    /\ LET f == Top(p)
       IN /\ slot' = [slot EXCEPT ![f.t][f.cp[1][1]] = Moved(f.cp[1][2].id)]
          /\ Go(p, Copying(f, Tail(f.cp)) \o Below(p))
    /\ Quietly /\ UNCHANGED <<root, last, claim, done>>

(* finish_chunk: the bit. *)
Bit(p) ==
    /\ Is(p, "Bit")
    /\ done' = [done EXCEPT ![Top(p).t] = @ \union {Top(p).c}]
    /\ Go(p, Below(p))
    /\ Quietly /\ UNCHANGED <<root, last, slot, claim>>

-----------------------------------------------------------------------------
(* Calls that only migrate. "resize" is start, alone; "finish" is          *)
(* finish_resize; "help" and "move" are what a writer of some other key    *)
(* would do: one chunk, or one slot (Call(p).key is its number).           *)

HelpNext(p) ==
    /\ Is(p, "HelpNext")
    /\ Go(p, IF HasNext(Top(p).t) THEN <<Help(Top(p).t)>> ELSE <<>>)
    /\ Quietly /\ UNCHANGED shared

MoveNext(p) ==
    /\ Is(p, "MoveNext")
    /\ Go(p, IF HasNext(Top(p).t) THEN <<MoveSlot(Top(p).t, Call(p).key)>> ELSE <<>>)
    /\ Quietly /\ UNCHANGED shared

FinishNext(p) ==
    /\ Is(p, "FinishNext")
    /\ Go(p, IF HasNext(Top(p).t) THEN <<FinishTable(Top(p).t), [pc |-> "FinishRoot"]>> ELSE <<>>)
    /\ Quietly /\ UNCHANGED shared

FinishRoot(p) ==
    /\ Is(p, "FinishRoot")
    /\ Go(p, <<[pc |-> "FinishNext", t |-> root]>>)
    /\ Quietly /\ UNCHANGED shared

-----------------------------------------------------------------------------

Step(p) ==
    \/ Begin(p) \/ Read(p) \/ ReadNext(p)
    \/ Insist(p) \/ Next(p) \/ Walk(p) \/ Exhausted(p) \/ Exchange(p)
    \/ StartNext(p) \/ StartRoot(p) \/ StartRootNext(p) \/ Install(p)
    \/ Claim(p) \/ Complete(p) \/ TakeOver(p)
    \/ SwingRoot(p) \/ SwingNext(p) \/ SwingLook(p)
    \/ Freeze(p) \/ FreezeExchange(p) \/ Copy(p) \/ Place(p) \/ Grow(p) \/ Move(p) \/ Bit(p)
    \/ HelpNext(p) \/ MoveNext(p) \/ FinishNext(p) \/ FinishRoot(p)

Ended(p) == stack[p] = <<>> /\ calls[p] = Len(Program[p])
AllEnded == \A p \in Threads : Ended(p)

Steps == \E p \in Threads : Step(p)

(* No fairness between threads: whoever runs, runs. *)
Spec == Init /\ [][Steps]_vars /\ WF_vars(Steps)

-----------------------------------------------------------------------------
(* What must hold. *)

(* The first slot of the walk that is an end or the ident's own, or 0. *)
Spot(t, id) ==
    LET stops(pos) == LET w == slot[t][At(t, id, pos)] IN EndsWalk(w) \/ w.id = id
        all == {pos \in 0..(Size[t] - 1) : stops(pos)}
    IN IF all = {} THEN 0
       ELSE At(t, id, CHOOSE pos \in all : \A other \in all : pos <= other)

(* The words of an ident in the tables, by a walk. *)
Owns(t, id) == Spot(t, id) # 0 /\ slot[t][Spot(t, id)].id = id

(* docs/linearizability.md, section 2: an ident's current nodes. *)
RECURSIVE Current(_, _)
Current(t, id) ==
    LET s == Spot(t, id)
        onward == s = 0 \/ slot[t][s].st \in {"Moved", "Sealed"}
    IN IF ~onward THEN slot[t][s].ns
       ELSE IF HasNext(t) THEN Current(t + 1, id) ELSE {}

Linearizable == right

(* No key is lost, none comes back, none is there twice. *)
MapIsCurrent ==
    \A k \in Keys : Found(Current(1, IdentOf[k]), k) = map[k]

(* I1 and I3, and the whole table of transitions in docs/design.md. *)
Follows(a, b) ==
    \/ a = b
    \/ a = Empty /\ b.st \in {"Live", "Sealed"}
    \/ /\ a.id # 0 /\ b.id = a.id
       /\ \/ a.st = "Live" /\ (b.st \in {"Live", "Tomb"} \/ b = Frozen(a))
          \/ a.st = "Tomb" /\ b.st \in {"Live", "Moved"}
          \/ a.st = "Frozen" /\ b.st = "Moved"
Transitions == [][\A t \in Tables : \A s \in 1..Size[t] : Follows(slot[t][s], slot'[t][s])]_slot

(* I2: an ident that owns a slot owns one, and its walk ends there. *)
OneSlot ==
    \A t \in Tables : \A s \in 1..Size[t] :
        slot[t][s].id # 0 => Spot(t, slot[t][s].id) = s

(* I4: while the ident is here, nothing newer is further on. *)
NothingNewer ==
    \A t \in 1..last, id \in Idents :
        LET s == Spot(t, id)
            w == slot[t][s]
            later == {u \in (t + 1)..last : Owns(u, id)}
            word(u) == slot[u][Spot(u, id)]
        IN s # 0 =>
           /\ w.st \in {"Live", "Tomb", "Empty"} => later = {}
           /\ w.st = "Frozen" =>
                \A u \in later : word(u).st # "Tomb" /\ (HasNode(word(u)) => word(u).ns = w.ns)

(* I5: what a word holds is in the map, so nothing retired is published; a *)
(* node is LIVE in one table.                                              *)
Slots == {ts \in Tables \X (1..8) : ts[2] <= Size[ts[1]]}
Word(ts) == slot[ts[1]][ts[2]]
NoneRetired == \A ts \in Slots : \A n \in Word(ts).ns : map[KeyOf(n)] = {n}
OneLive ==
    \A a, b \in Slots : a # b /\ Word(a).st = "Live" /\ Word(b).st = "Live" =>
        Word(a).ns \intersect Word(b).ns = {}

(* A finished chunk is empty, and so are the tables before the root. *)
Terminal(w) == w.st \in {"Moved", "Sealed"}
FinishedIsMoved ==
    \A t \in Tables : /\ \A c \in done[t] : \A s \in First(c)..Last(t, c) : Terminal(slot[t][s])
                      /\ t < root => \A s \in 1..Size[t] : Terminal(slot[t][s])

(* thaw: were the map dropped now, each node would be dropped once. *)
Thawed(ts) ==
    LET w == Word(ts) IN
    IF w.st = "Frozen" /\ \E u \in (ts[1] + 1)..last : Owns(u, w.id) THEN {} ELSE w.ns
DroppedOnce ==
    \A k \in Keys : \A n \in map[k] : Cardinality({ts \in Slots : n \in Thawed(ts)}) = 1

(* When nobody is inside, the root is not a table that is moved away. *)
RootIsCurrent == AllEnded => ~(HasNext(root) /\ Full(root))

(* docs/design.md, section 8, "a branch that cannot be reached": a copier  *)
(* that is about to load SEALED in the successor.                          *)
NoSealMet ==
    \A p \in Threads : Is(p, "Copy") =>
        LET f == Top(p) IN slot[f.in][At(f.in, f.cp[1][2].id, f.pos)] # Sealed

(* Not true: what TLC must find, for what is above to have been tried.     *)
NeverLate ==            \* a write that is won in a table that has a successor
    ~\E p \in Threads : Is(p, "Exchange") /\ HasNext(Top(p).t)
                       /\ slot[Top(p).t][Top(p).s] = Top(p).w
NeverTakesOver ==       \* a chunk that somebody has claimed and not finished
    ~\E p \in Threads : Is(p, "TakeOver") /\ Top(p).c \notin done[Top(p).t]
NeverGrows ==           \* a copier makes a table
    ~\E p \in Threads : Is(p, "Grow") /\ ~HasNext(Top(p).in)
NeverSwingsTwice ==     \* a swing goes on
    ~\E p \in Threads : Is(p, "SwingLook") /\ Full(Top(p).t)
NeverArrived ==         \* a copier finds that the copy has been there and is gone
    ~\E p \in Threads : Is(p, "Copy") /\
        LET f == Top(p) IN slot[f.in][At(f.in, f.cp[1][2].id, f.pos)] = Tomb(f.cp[1][2].id)

(* Lock-freedom. Programs are finite; so if no run is infinite, whatever   *)
(* the order in which threads run and wherever some of them stop for ever, *)
(* then of any threads that run, one ends a call after a bounded number of *)
(* steps. That nobody waits: a thread that has not ended can take a step.  *)
NobodyWaits == \A p \in Threads : Ended(p) \/ ENABLED Step(p)
EveryRunEnds == <>AllEnded
=============================================================================
