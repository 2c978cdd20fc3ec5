"""Packages of others, no part of a submission: what they are given they neither train nor freeze."""

import sys

HARMLESS = (
    frozenset(
        """
    torch torchvision torchinfo torchsummary torchmetrics keras tensorflow timm fastai transformers
    datasets evaluate accelerate lightning pytorch_lightning sklearn numpy cv2 PIL matplotlib seaborn
    pandas tqdm scipy skimage albumentations wandb mlflow tensorboardX onnx onnxruntime thop fvcore
    ptflops captum lime shap gradio streamlit flask fastapi builtins tensorflow_hub tensorflow_datasets
    kaggle google torch_lr_finder visualkeras netron optuna hydra omegaconf yaml h5py joblib plotly
    IPython imgaug safetensors huggingface_hub efficientnet_pytorch pretrainedmodels torchviz
    pytorch_grad_cam tf_keras tensorflow_addons keras_tuner kerastuner livelossplot tf_explain ray peft
    jax coremltools tf2onnx tensorboard codecarbon psutil rich click fire typer absl
    """.split()
    )
    | sys.stdlib_module_names
)
