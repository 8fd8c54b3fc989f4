"""What Stadtbild costs, beside what others cost: measured in one run, kept as ratios."""
