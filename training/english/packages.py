"""Which packages the training reads, and for what. Their versions are in requirements.txt.

The lines of `LINES` train the models of words and lines; their words are kept out of the lexicon of jargon,
so that the models learn what unknown English words look like. torch is read by nobody: it is the unseen
source on which false alarms are measured.
"""

JARGON = """
    accelerate aiohttp albumentations attrs boto3 click cryptography dask datasets django django-allauth
    docutils einops evaluate fastapi flask flax gensim gitpython h5py httpx huggingface-hub hypothesis
    imageio imgaug ipython jax jedi jinja2 joblib jupyter-server keras keras-tuner lightgbm matplotlib
    monai moviepy mypy nbconvert networkx notebook numba numpy onnx openpyxl optax optuna pandas paramiko
    peft pillow pip psutil pydantic pylint pymongo pytest pytorch-lightning pyyaml redis requests rich
    scikit-image scikit-learn scipy segmentation-models-pytorch sentence-transformers setuptools skorch
    spacy sphinx sqlalchemy stable-baselines3 starlette streamlit sympy tensorflow-probability timm
    torch-geometric torchmetrics torchvision tornado tox tqdm transformers trl twisted urllib3 uvicorn
    virtualenv wandb wtforms xarray
""".split()

LINES = """
    apache-superset spyder diffusers nltk statsmodels thonny fastai seaborn gymnasium tensorboard wagtail
    torchaudio bokeh mlflow celery librosa kornia mmengine dash
""".split()

TRANSLATIONS = """
    django wagtail thonny spyder sphinx home-assistant-frontend apache-superset django-allauth wtforms
    jupyterlab-language-pack-cs-cz jupyterlab-language-pack-de-de jupyterlab-language-pack-es-es
    jupyterlab-language-pack-fr-fr jupyterlab-language-pack-hu-hu jupyterlab-language-pack-it-it
    jupyterlab-language-pack-nl-nl jupyterlab-language-pack-pl-pl jupyterlab-language-pack-ro-ro
    jupyterlab-language-pack-tr-tr
""".split()
