"""Why training is fast: what is frozen runs once for each image, what learns runs in every epoch.

Nothing here changes what is learnt. `make train TRAIN_FLAGS=--plain` goes without it.
"""
