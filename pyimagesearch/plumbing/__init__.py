"""What every program needs and no lesson teaches: its surroundings, its options, its ending."""
