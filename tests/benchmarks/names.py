def run():
    return ()
