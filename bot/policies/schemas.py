"""JSON Schemas of the configuration's files, for editors: made of the shapes that are loaded.

Rules
- What a schema refuses, a start refuses too. What only a start can see (who is known, what a
  condition means, whether an id stands twice) a schema lets pass.
- A default is told as it would be written.
"""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema

from bot.domain import duration
from bot.policies.cases import CasesFile
from bot.policies.imports import ImportEntry
from bot.policies.people import GroupEntry, PeopleFile, PersonEntry
from bot.policies.policy_file import FileDefaults, PoliciesFile, PolicyEntry
from bot.policies.sources import Sections, file_of
from bot.policies.written import StepEntry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Policies(PoliciesFile):
    """The rules, and who settles it when one is broken."""

    defaults: FileDefaults = FileDefaults()
    policies: list[PolicyEntry] = Field(min_length=1)  # type: ignore[assignment] # never written


class _People(PeopleFile):
    """Who is who."""

    people: dict[str, PersonEntry] = Field(  # type: ignore[assignment] # never written
        min_length=1, json_schema_extra={"propertyNames": {"pattern": "^[^:]+$"}}
    )
    groups: dict[str, GroupEntry] = {}  # type: ignore[assignment] # never written
    imports: list[ImportEntry] = Field(  # type: ignore[assignment] # never written
        default=[], alias="import"
    )


class _Written(GenerateJsonSchema):
    """Without titles, which only repeat the keys, and with defaults as they are written."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's
        return False

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - any default
        if isinstance(dft, timedelta):
            return duration.text(dft)
        if isinstance(dft, float):  # a share
            return f"{dft * 100:.4g}%"
        if isinstance(dft, StepEntry):
            return {"at": self.encode_default(dft.at), "do": dft.do}
        if isinstance(dft, BaseModel):
            return {name: self.encode_default(value) for name, value in dft if value is not None}
        if isinstance(dft, list | tuple):
            return [self.encode_default(each) for each in dft]
        return super().encode_default(dft)


def schemas(sections: Sections) -> dict[str, dict[str, Any]]:
    """The schema of each file by its name without `.yaml`; `sections` are those of the sources."""
    files: dict[str, type[BaseModel]] = {
        "policies": _Policies,
        "people": _People,
        "sources": file_of(sections),
        "cases": CasesFile,
    }
    return {
        name: {
            "$schema": DIALECT,
            **model.model_json_schema(schema_generator=_Written),
            "title": f"{name}.yaml",
        }
        for name, model in files.items()
    }
