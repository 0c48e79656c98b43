"""What programs need and no lesson teaches: surroundings, options, errors, files."""
