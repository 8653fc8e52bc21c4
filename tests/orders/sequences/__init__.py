"""All that can be done to orders and money, in any order, by everybody at once.

`past` plants what every example begins with: an order in every state of life, tills, top-ups.
`ground` is the machine below all rules; each of `cash`, `buying`, `sending`, `reporting`,
`deciding`, `asking`, `paying_in` and `terms` adds what one kind of people does; `house` is all of
them. After each step `picture` reads the rows as the database keeps them, and `money_laws` and
`order_laws` compare them with the picture before. `expected` says what has to follow from a report,
an answer or a claim. None of them asks the code on trial what is right.
"""
