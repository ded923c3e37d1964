"""HTTP: webhooks, the gate, Slack's requests, health and the description of it all.

FastAPI has models of a description, which pydantic would build while they are imported: 30 ms of
each start. They are built when `/openapi.json` is asked for. Pydantic's default is another one
meanwhile, for FastAPI's models and, since FastAPI imports none of ours, for no others.
"""

from importlib import import_module

from pydantic import BaseModel, ConfigDict

_default = BaseModel.model_config
BaseModel.model_config = ConfigDict(defer_build=True)
import_module("fastapi")
BaseModel.model_config = _default
