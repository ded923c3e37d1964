"""What a passport says of a model: the predicate of its statement, and its JSON Schema.

Rules
- Everything but its name, its files and when it was made may be missing; what is, is listed.
  Nothing is made up.
- Each field says where it was found: a file and a line, an option, a header.
"""

from typing import Any

from bot.passport.shape import DIALECT, Fields, Items, Named, Number, OneOf, Text, sha256, time

HOME = "https://github.com/policy-war-room/policy-war-room"
TYPE = f"{HOME}/model-passport/v1"
REACH = ("none", "internal", "customer", "public")
_NAME = Text("Its name.", 300)
_VERSION = Text("Its version.", 200)
_FILES_MOST = 20_000

PREDICATE = Fields(
    {
        "name": Text("What the model is called.", 300),
        "version": Text("Which version of it this is.", 200),
        "baseModels": Items(
            Fields({"name": _NAME, "version": _VERSION, "digest": sha256()}, ("name",)),
            "What its training started from.",
        ),
        "datasets": Items(
            Fields(
                {
                    "name": _NAME,
                    "version": _VERSION,
                    "digest": sha256("Of the data."),
                    "classification": Text("How sensitive it is, in the catalogue's words.", 200),
                    "collection": Text("How it was collected, and for what.", 2000),
                    "covenant": Fields(
                        {
                            "id": Text("The agreement under which it may be used.", 200),
                            "until": time("When that ends."),
                        },
                        ("id",),
                    ),
                },
                ("name",),
            ),
            "What it was trained on.",
        ),
        "intent": Named(
            Items(Text("", 300)), "What was declared before: the keys of `guardrails`, each a list."
        ),
        "evaluation": Items(
            Fields(
                {
                    "metric": Text("", 200),
                    "group": Text("Left out: the whole.", 200),
                    "value": Number(),
                    "n": Number("Of how many cases.", whole=True),
                    "low": Number("The interval's lower end."),
                    "high": Number("The interval's upper end."),
                },
                ("metric", "value"),
            ),
            "What was measured, by group.",
            20_000,
        ),
        "limits": Items(Text(), "What it isn't fit for."),
        "licence": Text("Under which licence it is passed on.", 200),
        "owner": Text("Who answers for it.", 200),
        "team": Text("Whose it is.", 200),
        "riskClass": Text("How grave its risk is, in the policies' words.", 200),
        "decisions": Items(
            Fields(
                {
                    "id": Text("The war room's, the rule's or the exception's.", 200),
                    "policy": Text("", 200),
                    "outcome": Text("", 100),
                    "scope": Text("For what it holds.", 300),
                    "until": time("Until when."),
                    "log": Fields(
                        {
                            "origin": Text("Which log it is in.", 300),
                            "index": Number("Which leaf of it.", whole=True),
                        },
                        ("origin", "index"),
                    ),
                },
                ("id", "outcome"),
            ),
            "The decisions that allow it.",
        ),
        "destinations": Items(OneOf(REACH), "How far it may go."),
        "run": Named(Text("", 2000), "By which run it was made: system, repository, commit, …"),
        "files": Items(
            Fields(
                {
                    "name": Text("From the artifact's folder, with `/`.", 4000),
                    "digest": sha256("Of a safetensors file without its passport."),
                    "size": Number("In bytes, without its passport.", whole=True),
                    "format": Text("", 40),
                },
                ("name", "digest", "size"),
            ),
            "What it is made of.",
            _FILES_MOST,
        ),
        "says": Named(
            Named(Text("", 100_000)), "What headers of its files say of themselves, by file."
        ),
        "madeAt": time("When the passport was made."),
        "until": time("When it ends."),
        "from": Named(Text("", 1000), "Where each field was found, by its name."),
        "missing": Items(Text("", 100), "The fields that were found nowhere."),
    },
    ("name", "files", "madeAt", "from", "missing"),
    "A model's passport",
)
# What is said to be missing where it was found nowhere; of a decision there may be none needed.
EXPECTED = (
    "version",
    "baseModels",
    "datasets",
    "intent",
    "evaluation",
    "limits",
    "licence",
    "owner",
    "team",
    "riskClass",
    "decisions",
    "destinations",
    "run",
    "until",
)


def schema() -> dict[str, Any]:
    """The predicate as JSON Schema."""
    return {"$schema": DIALECT, "$id": TYPE, "title": "A model's passport", **PREDICATE.schema}
