"""Where the photographs of Open Images lie: fetched one at a time by the `openimages` package.

The package can fetch a whole class, but one photograph that cannot be had then ends the call, and a table of
over a gigabyte is read into memory. So we take from it what fetches a single photograph, and decide ourselves
which ones, how many at a time, and how often.
"""

import logging
import os
from pathlib import Path
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.exceptions import ConnectionError as NoConnection
from openimages.download import _download_single_image
from s3transfer.exceptions import RetriesExceededError

from finetune.sources import asking_again
from finetune.sources.asking_again import Again, Patience

TIMEOUT = 20  # seconds without an answer


class Unreachable(Again):
    """There is no connection to the server at all."""


class Bucket:
    """The published photographs, or a mirror's: <mirror>/images/<section>/<image_id>.jpg. So many threads may
    share it as it has connections.
    """

    def __init__(self, mirror: str, connections: int) -> None:
        logging.getLogger("openimages.download").setLevel(logging.ERROR)
        # The photographs are public. Without this the client looks for an account first, for seconds.
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        config = Config(
            signature_version=UNSIGNED,
            retries={"total_max_attempts": 1},  # how often to ask is our business
            connect_timeout=TIMEOUT,
            read_timeout=TIMEOUT,
            max_pool_connections=connections,
        )
        self._client = boto3.client("s3", config=config)
        self._patience = Patience()
        self._mirror = mirror
        if mirror:
            self._client.meta.events.register("before-send.s3", self._to_mirror)

    def fetch(self, section: str, image_id: str, path: Path) -> bool:
        """Write a photograph to a file, whole or not at all; returns whether it could be had."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".part")
        try:
            self._patience.ask(lambda: self._attempt(f"{section}/{image_id}.jpg", beside))
        except Unreachable:
            raise
        except Again:
            return False  # the server has trouble with this one
        if not beside.stat().st_size:
            return False
        beside.replace(path)
        return True

    def _attempt(self, name: str, path: Path) -> None:
        """Ask once; the file is empty if the server has no such photograph. Raises Again if it may help."""
        arguments = {"s3_client": self._client, "image_file_object_path": name, "dest_file_path": str(path)}
        try:
            _download_single_image(arguments)
        except KeyError:  # a mirror that does not tell how long its answers are: the package needs that
            answered = self._client.get_object(Bucket="open-images-dataset", Key=name)
            path.write_bytes(answered["Body"].read())
        except ClientError as error:
            answer: dict[str, Any] = error.response.get("ResponseMetadata", {})
            if answer.get("HTTPStatusCode") in asking_again.BUSY:
                pause = asking_again.retry_after(answer["HTTPHeaders"].get("retry-after"))
                raise Again(error, pause) from error
            path.write_bytes(b"")
        except NoConnection as error:
            raise Unreachable(error) from error
        except (BotoCoreError, RetriesExceededError, ConnectionError, TimeoutError) as error:
            raise Again(error) from error

    def _to_mirror(self, request: Any, **_: Any) -> None:
        section, name = request.url.split("?")[0].split("/")[-2:]
        request.url = f"{self._mirror}/images/{section}/{name}"
