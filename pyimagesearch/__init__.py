"""What train.py needs beside the lesson itself: the network, the CSV rows, the data sets."""
