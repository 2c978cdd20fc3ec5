"""Fine-tune a pretrained image classifier in two phases.

Read the modules in the order in which the Makefile runs them:
submission, data (with digits, download, folder), preprocess, backbone, train, evaluate, report, submit.
"""
