----------------------------- MODULE Scenarios ------------------------------
(* Who does what in each configuration. Threads are a, b, c; keys, idents  *)
(* and tables are numbered from 1.                                         *)
EXTENDS Protocol

CONSTANTS a, b, c

Do(verb, key) == [verb |-> verb, key |-> key]
Get(k) == Do("get", k)
Insert(k) == Do("insert", k)
TryInsert(k) == Do("try_insert", k)
Update(k) == Do("update", k)
Remove(k) == Do("remove", k)
Resize == Do("resize", 0)
Help1 == Do("help", 0)
Finish == Do("finish", 0)
Move1(s) == Do("move", s)

Run(x, y, z) == (a :> x) @@ (b :> y) @@ (c :> z)

(* The idents of the keys, and where walks begin: at the first slot, all.  *)
OneKey == <<1>>
Twins == <<1, 1>>
TwoKeys == <<1, 2>>
ThreeKeys == <<1, 2, 3>>
Home1 == <<0>>
Home2 == <<0, 0>>
Home3 == <<0, 0, 0>>

(* Sizes along the chain. *)
S22 == <<2, 2>>
S222 == <<2, 2, 2>>
S223 == <<2, 2, 3>>
S212 == <<2, 1, 2>>
S11 == <<1, 1>>
S111 == <<1, 1, 1>>
S112 == <<1, 1, 2>>
S122 == <<1, 2, 2>>
S123 == <<1, 2, 3>>
S323 == <<3, 2, 3>>

(* What is in the first table. *)
Of(keys) == Live(IdentOf[CHOOSE k \in keys : TRUE], {<<Pre, k>> : k \in keys})
Key1 == <<Of({1})>>
Key1Free == <<Of({1}), Empty>>
Tomb1 == <<Tomb(1)>>
Free1 == <<Empty>>
Free2 == <<Empty, Empty>>
Key12 == <<Of({1}), Of({2})>>
Key12Free == <<Of({1}), Of({2}), Empty>>
KeyTomb == <<Of({1}), Tomb(2)>>

-----------------------------------------------------------------------------
(* Every verb on one key, while its slot is moved by two. *)
Verbs == Run(<<Update(1), Remove(1)>>, <<Insert(1), Get(1)>>, <<Resize, Help1>>)

(* A tombstone is taken again, and moved. *)
Again == Run(<<TryInsert(1), Remove(1)>>, <<Insert(1), Get(1)>>, <<Resize, Help1>>)

(* Two keys of one ident: their word is a list. *)
Lists == Run(<<Insert(1), Remove(1)>>, <<Remove(2), Get(1)>>, <<Resize, Help1>>)

(* "An end that a stranger takes": b's end goes to the other ident while b *)
(* seals it, and the next end is still to be had by c.                     *)
Stranger == Run(<<Insert(2)>>, <<Resize, Insert(1)>>, <<Insert(1), Get(1)>>)

(* Copiers that meet, and one that comes late. *)
Copiers == Run(<<Resize, Help1>>, <<Move1(1), Get(1)>>, <<Remove(1), TryInsert(1)>>)

(* A writer passes its own slot; a reader looks on. *)
Passing == Run(<<Resize, Help1>>, <<Update(1)>>, <<Get(1), Get(1)>>)

(* Two resizes, one after the other: T to N to N2. *)
Chain == Run(<<Resize, Finish>>, <<Resize, Update(1)>>, <<Remove(1)>>)

(* The successor is too small for what is copied: it gets one itself, and  *)
(* may be finished before it is the root.                                  *)
Small == Run(<<Resize, Help1>>, <<Update(2)>>, <<Get(2)>>)

(* As much of all that as a quarter of an hour takes. *)
BigVerbs == Run(<<Update(1), Remove(1)>>, <<Insert(2), Get(1)>>, <<Resize, Insert(1)>>)
BigChain == Run(<<Resize, Finish>>, <<Resize, Update(1)>>, <<Remove(2), Insert(2)>>)
BigLists == Run(<<Insert(1), Remove(2)>>, <<Update(2), Get(1)>>, <<Resize, Help1, Resize>>)
BigSmall == Run(<<Resize, Help1>>, <<Remove(1), Insert(3)>>, <<Update(2)>>)

(* Two idents, a table of two chunks and the room runs out: walks come     *)
(* round, a writer makes room, a chunk is taken over.                      *)
Room == Run(<<Insert(1)>>, <<Insert(2), Get(1)>>, <<Get(1), Remove(2)>>)
=============================================================================
