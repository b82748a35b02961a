"""The promise that answers, written straight from rows, are to the byte what the declared response models write."""

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app.api.problems import Problem
from app.main import ROUTERS
from app.store.tables import Language
from tests.support.urls import OPERATIONS, urls_of

MODELS = {
    route.name: route.response_model for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)
}
JSON, PROBLEM = "application/json", "application/problem+json"


def assert_true(model, response):
    """What the model reads out of a response and writes again is the response."""
    declared = TypeAdapter(model if response.status_code == 200 else Problem)

    assert declared.dump_json(declared.validate_json(response.content), by_alias=True) == response.content


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[path for path, _ in OPERATIONS])
def test_every_answer_is_what_its_model_writes(client, path, operation):
    model = MODELS[operation["operationId"]]
    statuses = set()
    for url in urls_of(path, operation):
        for lang in Language:
            response = client.get(url, headers={"Accept-Language": lang})
            statuses.add(response.status_code)
            if response.status_code != 301 and response.headers["content-type"] in (JSON, PROBLEM):
                assert_true(model, response)

    assert 200 in statuses


@pytest.mark.parametrize(
    ("url", "accept", "status"),
    [
        ("/nope", "*/*", 404),
        ("/hypervisors/virtualbax", "*/*", 404),
        ("/hypervisors", "application/xml", 406),
        ("/hypervisors?typ=x&limit=0&lang=fr", "*/*", 422),
    ],
)
def test_every_problem_is_what_its_model_writes(client, url, accept, status):
    response = client.get(url, headers={"Accept": accept})

    assert response.status_code == status
    assert_true(Problem, response)
