class Crew:
    def __init__(self, w):
        pass
