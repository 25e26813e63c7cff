def run_in_lanes(i, c):
    raise NotImplementedError
