"""What only a person can decide: the queue, a case with its evidence, the decision."""
