------------------------------- MODULE Epochs -------------------------------
(***************************************************************************)
(* Epoch reclamation (src/reclaim/epoch) on a machine with store buffers,  *)
(* x86-TSO: a reader's stores go into a buffer, first in first out, which  *)
(* drains at any time. Its loads do not wait for that. Locked instructions *)
(* and fences come only when the buffer is empty.                          *)
(*                                                                         *)
(* The heavy barrier interrupts one thread after the other, in any order:  *)
(* whoever is interrupted drains its buffer. It returns when all have been.*)
(*                                                                         *)
(* One place, `link', holds a node. Writers take the node out, putting     *)
(* the next one in. A thread that writes and collects is a writer and a    *)
(* collector here, in any order. Readers pin, load the link, and hold what they found   *)
(* until they unpin. No node that somebody holds is free.                  *)
(***************************************************************************)
EXTENDS Integers, Sequences, FiniteSets, TLC

CONSTANTS
    Readers, Writers, Collectors,
    Pins,       \* how often each reader pins
    Retires,    \* how many nodes are taken out, by all writers together
    Collects,   \* how often each collector collects
    Barrier,    \* "asymmetric": a system call; "fence": a fence in each pin
    Fault       \* "none", or what is broken on purpose

VARIABLES
    epoch, link, freed, bags,   \* bags: <<node, epoch in which it was sealed>>
    registered,                 \* the registry: who can be seen by a scan
    pin, buffer,                \* reader -> its word in memory, and its stores on the way there
    reader,                     \* reader -> [pc, e, node, left]
    writer,                     \* writer -> [pc, node, e]
    collector                   \* collector -> [pc, e, heads, todo, left]

vars == <<epoch, link, freed, bags, registered, pin, buffer, reader, writer, collector>>
memory == <<epoch, link, freed, bags>>

Nobody == 0
Word(e) ==
    IF Fault = "epoch or 1" THEN (IF e % 2 = 1 THEN e ELSE e + 1) ELSE e

Init ==
    /\ epoch = 1 /\ link = 1 /\ freed = {} /\ bags = {}
    /\ registered = {}
    /\ pin = [r \in Readers |-> 0]
    /\ buffer = [r \in Readers |-> <<>>]
    /\ reader = [r \in Readers |-> [pc |-> "idle", e |-> 0, node |-> Nobody, left |-> Pins]]
    /\ writer = [w \in Writers |-> [pc |-> "idle", node |-> Nobody, e |-> 0]]
    /\ collector = [c \in Collectors |-> [pc |-> "idle", e |-> 0, heads |-> {}, todo |-> {},
                                          left |-> Collects]]

-----------------------------------------------------------------------------
(* Readers. *)

Reads(r, to) == reader' = [reader EXCEPT ![r] = to]
Stores(r, word) == buffer' = [buffer EXCEPT ![r] = Append(@, word)]

Drain(r) ==
    /\ buffer[r] # <<>>
    /\ pin' = [pin EXCEPT ![r] = Head(buffer[r])]
    /\ buffer' = [buffer EXCEPT ![r] = Tail(@)]
    /\ UNCHANGED <<memory, registered, reader, collector, writer>>

(* Registry::claim, at the first pin: a locked instruction. *)
Register(r) ==
    /\ reader[r].pc = "idle" /\ r \notin registered
    /\ registered' = registered \union {r}
    /\ UNCHANGED <<memory, pin, buffer, reader, collector, writer>>

(* A weak machine, and a load of the epoch that orders nothing: the load   *)
(* of the link may be done before it.                                      *)
LoadEarly(r) ==
    /\ Fault = "relaxed load of the epoch"
    /\ reader[r].pc = "idle" /\ r \in registered /\ reader[r].left > 0
    /\ reader[r].node = Nobody
    /\ Reads(r, [reader[r] EXCEPT !.node = link])
    /\ UNCHANGED <<memory, registered, pin, buffer, collector, writer>>

(* enter: the load of the epoch. *)
LoadEpoch(r) ==
    /\ reader[r].pc = "idle" /\ r \in registered /\ reader[r].left > 0
    /\ Reads(r, [reader[r] EXCEPT !.pc = "store", !.e = epoch, !.left = @ - 1])
    /\ UNCHANGED <<memory, registered, pin, buffer, collector, writer>>

(* enter: the store of the pin. The light barrier lets the loads come      *)
(* after it in the program, and no more.                                   *)
StorePin(r) ==
    /\ reader[r].pc = "store"
    /\ Stores(r, Word(reader[r].e))
    /\ Reads(r, [reader[r] EXCEPT !.pc = "load", !.e = 0])
    /\ UNCHANGED <<memory, registered, pin, collector, writer>>

LoadLink(r) ==
    /\ reader[r].pc = "load"
    /\ Barrier = "fence" /\ Fault # "no fence" => buffer[r] = <<>>
    /\ Reads(r, [reader[r] EXCEPT !.pc = "hold", !.node = IF @ = Nobody THEN link ELSE @])
    /\ UNCHANGED <<memory, registered, pin, buffer, collector, writer>>

(* leave: the store of 0. *)
Unpin(r) ==
    /\ reader[r].pc = "hold"
    /\ Stores(r, 0)
    /\ Reads(r, [reader[r] EXCEPT !.pc = "idle", !.node = Nobody])
    /\ UNCHANGED <<memory, registered, pin, collector, writer>>

-----------------------------------------------------------------------------
(* Writers and collectors. What they store is stored by locked             *)
(* instructions, or behind a fence: they need no buffer.                   *)

(* A write: the node is unlinked, and retired to a bag. *)
Unlink(w) ==
    /\ writer[w].pc = "idle" /\ link <= Retires
    /\ link' = link + 1
    /\ writer' = [writer EXCEPT ![w] = [@ EXCEPT !.pc = "seal", !.node = link]]
    /\ UNCHANGED <<epoch, freed, bags, registered, pin, buffer, reader, collector>>

(* seal: the fence, and the load of the epoch. *)
Seal(w) ==
    /\ writer[w].pc = "seal"
    /\ writer' = [writer EXCEPT ![w] = [@ EXCEPT !.pc = "push", !.e = epoch]]
    /\ UNCHANGED <<memory, registered, pin, buffer, reader, collector>>

(* seal: the push. *)
Push(w) ==
    /\ writer[w].pc = "push"
    /\ bags' = bags \union {<<writer[w].node, writer[w].e>>}
    /\ writer' = [writer EXCEPT ![w] = [pc |-> "idle", node |-> Nobody, e |-> 0]]
    /\ UNCHANGED <<epoch, link, freed, registered, pin, buffer, reader, collector>>

Collector(c, to) == collector' = [collector EXCEPT ![c] = to]

(* try_advance: load the epoch, barrier, head, scan, exchange. *)
EarlyBarrier == Fault = "barrier before the load of the epoch"
EarlyHead == Fault = "head before the load of the epoch"
Interrupted ==
    IF Barrier = "fence" \/ Fault = "no barrier" THEN {} ELSE Readers

Collect(c) ==
    /\ collector[c].pc = "idle" /\ collector[c].left > 0
    /\ LET f == [collector[c] EXCEPT !.left = @ - 1, !.pc = "barrier", !.todo = Interrupted]
       IN Collector(c, CASE EarlyBarrier -> f
                         [] EarlyHead -> [f EXCEPT !.pc = "epoch", !.heads = registered]
                         [] OTHER -> [f EXCEPT !.e = epoch])
    /\ UNCHANGED <<memory, registered, pin, buffer, reader, writer>>

(* The barrier reaches a thread. What the thread had loaded ahead of its   *)
(* place in the program is loaded again.                                   *)
Interrupt(c, r) ==
    /\ collector[c].pc = "barrier" /\ r \in collector[c].todo
    /\ pin' = [pin EXCEPT ![r] = IF buffer[r] = <<>> THEN @ ELSE buffer[r][Len(buffer[r])]]
    /\ buffer' = [buffer EXCEPT ![r] = <<>>]
    /\ Reads(r, IF reader[r].pc = "idle" THEN [reader[r] EXCEPT !.node = Nobody] ELSE reader[r])
    /\ Collector(c, [collector[c] EXCEPT !.todo = @ \ {r}])
    /\ UNCHANGED <<memory, registered, writer>>

(* The load of the epoch where it must not be: behind the barrier, or      *)
(* behind the load of the head.                                            *)
LateLoad(c) ==
    /\ \/ EarlyBarrier /\ collector[c].pc = "barrier" /\ collector[c].todo = {}
       \/ EarlyHead /\ collector[c].pc = "epoch"
    /\ Collector(c, [collector[c] EXCEPT !.pc = IF EarlyHead THEN "barrier" ELSE "head",
                                         !.e = epoch])
    /\ UNCHANGED <<memory, registered, pin, buffer, reader, writer>>

(* The head of the registry: who was registered by now. *)
LoadHead(c) ==
    /\ \/ ~EarlyBarrier /\ collector[c].pc = "barrier" /\ collector[c].todo = {}
       \/ collector[c].pc = "head"
    /\ Collector(c, [collector[c] EXCEPT !.pc = "scan", !.heads = {},
                        !.todo = IF EarlyHead THEN collector[c].heads ELSE registered])
    /\ UNCHANGED <<memory, registered, pin, buffer, reader, writer>>

(* The order of the scan is open: it is that of the registrations. *)
Scan(c, r) ==
    /\ collector[c].pc = "scan" /\ r \in collector[c].todo
    /\ LET blocked == pin[r] # 0 /\ pin[r] # Word(collector[c].e)
       IN Collector(c, IF blocked THEN [collector[c] EXCEPT !.pc = "free", !.todo = {}]
                       ELSE [collector[c] EXCEPT !.todo = @ \ {r}])
    /\ UNCHANGED <<memory, registered, pin, buffer, reader, writer>>

Advance(c) ==
    /\ collector[c].pc = "scan" /\ collector[c].todo = {}
    /\ epoch' = IF epoch = collector[c].e THEN epoch + 1 ELSE epoch
    /\ Collector(c, [collector[c] EXCEPT !.pc = "free", !.e = epoch'])
    /\ UNCHANGED <<link, freed, bags, registered, pin, buffer, reader, writer>>

(* sort, destroy: what was sealed two epochs before. *)
Free(c) ==
    /\ collector[c].pc = "free"
    /\ LET grace == IF Fault = "freed an epoch early" THEN 1 ELSE 2
           due == {bag \in bags : bag[2] + grace <= collector[c].e}
       IN /\ bags' = bags \ due
          /\ freed' = freed \union {bag[1] : bag \in due}
    /\ Collector(c, [collector[c] EXCEPT !.pc = "idle", !.e = 0])
    /\ UNCHANGED <<epoch, link, registered, pin, buffer, reader, writer>>

-----------------------------------------------------------------------------

Next ==
    \/ \E r \in Readers :
        \/ Drain(r) \/ Register(r) \/ LoadEarly(r) \/ LoadEpoch(r) \/ StorePin(r)
        \/ LoadLink(r) \/ Unpin(r)
    \/ \E w \in Writers : Unlink(w) \/ Seal(w) \/ Push(w)
    \/ \E c \in Collectors :
        \/ Collect(c) \/ LateLoad(c) \/ LoadHead(c) \/ Advance(c) \/ Free(c)
        \/ \E r \in Readers : Interrupt(c, r) \/ Scan(c, r)

Spec == Init /\ [][Next]_vars

Alike == Permutations(Readers) \union Permutations(Collectors)

NothingFreedIsHeld == \A r \in Readers : reader[r].pc = "hold" => reader[r].node \notin freed

(* This must be refuted: nothing would be shown if nothing were ever freed *)
(* while somebody is pinned.                                               *)
NothingIsFreedUnderAPin == freed = {} \/ \A r \in Readers : pin[r] = 0
=============================================================================
