"""What providers say: registers read, answers weighed against what stands. Pure."""
