"""Destinations on loopback that speak the documented form and take nothing else.

Each keeps what it was told, and refuses unknown fields, missing or wrong credentials,
too many rows and identifiers of another form. Its error texts repeat what was sent, as
real ones do, so that a test can see that nothing of it is told further.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

TOKEN = "token-canary-7731"
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Strict(BaseModel):
    """A part of a request: no unknown field, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Request:
    """What a destination was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body."""
        return json.loads(self.content)


@dataclass(frozen=True)
class Response:
    """What it answers; a body of None is no body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Fake:
    """A destination: `members` by list, `bad` identifiers that it takes nowhere.

    `faults` are answers that come before anything is looked at, in turn.
    """

    credential = ("authorization", f"Bearer {TOKEN}")
    unauthorized: Response

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: list[Response] = []
        self.members: dict[str, set[str]] = {}
        self.bad: set[str] = set()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # headers and body in one packet, which no acknowledgement delays
            wbufsize = 1 << 16
            disable_nagle_algorithm = True

            def answer(self) -> None:
                parts = urlsplit(self.path)
                content = self.rfile.read(int(self.headers.get("content-length", 0)))
                query = {key: one[0] for key, one in parse_qs(parts.query).items()}
                headers = {name.lower(): told for name, told in self.headers.items()}
                request = Request(self.command, parts.path, query, headers, content)
                response = fake.take(request)
                body = (
                    b"" if response.body is None else json.dumps(response.body).encode()
                )
                self.send_response_only(response.status)
                for name, told in response.headers.items():
                    self.send_header(name, told)
                if response.status != 204:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *told: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Let its port go."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, request: Request) -> Response:
        """Answer a request, or have a fault."""
        self.requests.append(request)
        if self.faults:
            return self.faults.pop(0)
        name, told = self.credential
        if request.headers.get(name) != told:
            return self.unauthorized
        try:
            return self.answer(request)
        except (ValidationError, ValueError, KeyError) as error:
            return self.malformed(f"{error} in {request.content.decode()}")

    def answer(self, request: Request) -> Response:
        """Do what is asked."""
        raise NotImplementedError

    def malformed(self, text: str) -> Response:
        """Refuse a request that has not the documented form."""
        raise NotImplementedError

    def change(self, name: str, identifiers: list[str], added: bool) -> None:
        """Put identifiers into a list, or take them out."""
        there = self.members.setdefault(name, set())
        there |= set(identifiers) if added else set()
        there -= set() if added else set(identifiers)


def match(pattern: str, text: str) -> re.Match[str]:
    """The match of a whole text; ValueError when it does not."""
    found = re.fullmatch(pattern, text)
    if found is None:
        raise ValueError(f"{text} is no {pattern}")
    return found


# Meta: https://developers.facebook.com/docs/marketing-api/reference/custom-audience


class MetaPayload(Strict):
    """payload of /users."""

    columns: Annotated[
        list[Literal["EMAIL", "PHONE"]],
        Field(alias="schema", min_length=1, max_length=1),
    ]
    data: Annotated[
        list[Annotated[list[Sha256], Field(min_length=1, max_length=1)]],
        Field(min_length=1, max_length=10_000),
    ]


class MetaSession(Strict):
    """session of /users."""

    session_id: Annotated[int, Field(ge=0, lt=2**63)]
    batch_seq: Annotated[int, Field(ge=1)]
    last_batch_flag: bool
    estimated_num_total: int


class MetaBody(Strict):
    """A request to /users."""

    payload: MetaPayload
    session: MetaSession | None = None


def meta_error(code: int, text: str, status: int = 400, subcode: int = 0) -> Response:
    """An error of the Graph API."""
    told = {"message": text, "type": "OAuthException", "code": code}
    return Response(
        status, {"error": {**told, **({"error_subcode": subcode} if subcode else {})}}
    )


class MetaFake(Fake):
    """Custom Audiences; entries in `bad` count as invalid and are not named."""

    unauthorized = meta_error(190, "Invalid OAuth access token", 401)

    def answer(self, request: Request) -> Response:
        """POST and DELETE /users."""
        audience = match(r"/v25\.0/([0-9]+)/users", request.path)[1]
        if audience not in self.members:
            return meta_error(100, f"Object {audience} does not exist", subcode=33)
        body = MetaBody.model_validate(request.json())
        if request.method not in ("POST", "DELETE"):
            raise ValueError(request.method)
        hashes = [row[0] for row in body.payload.data]
        good = [one for one in hashes if one not in self.bad]
        self.change(audience, good, request.method == "POST")
        return Response(
            200,
            {
                "audience_id": audience,
                "session_id": str(body.session.session_id if body.session else 0),
                "num_received": len(hashes),
                "num_invalid_entries": len(hashes) - len(good),
                "invalid_entry_samples": {},
            },
        )

    def malformed(self, text: str) -> Response:
        """Invalid parameter."""
        return meta_error(100, text)


# Google: https://developers.google.com/data-manager/api/reference/rest/v1


class GoogleAccount(Strict):
    """ProductAccount."""

    accountType: Literal["GOOGLE_ADS", "DISPLAY_VIDEO_ADVERTISER"]
    accountId: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]


class GoogleDestination(Strict):
    """Destination."""

    operatingAccount: GoogleAccount
    loginAccount: GoogleAccount | None = None
    productDestinationId: str


class GoogleIdentifier(Strict):
    """UserIdentifier: one of the two here."""

    emailAddress: Sha256 | None = None
    phoneNumber: Sha256 | None = None


class GoogleUserData(Strict):
    """UserData."""

    userIdentifiers: Annotated[
        list[GoogleIdentifier], Field(min_length=1, max_length=10)
    ]


class GoogleMember(Strict):
    """AudienceMember."""

    userData: GoogleUserData


class GoogleConsent(Strict):
    """Consent."""

    adUserData: Literal["CONSENT_GRANTED", "CONSENT_DENIED"]
    adPersonalization: Literal["CONSENT_GRANTED", "CONSENT_DENIED"]


class GoogleTerms(Strict):
    """TermsOfService."""

    customerMatchTermsOfServiceStatus: Literal["ACCEPTED"]


class GoogleRemoval(Strict):
    """RemoveAudienceMembersRequest."""

    destinations: Annotated[list[GoogleDestination], Field(min_length=1, max_length=10)]
    audienceMembers: Annotated[
        list[GoogleMember], Field(min_length=1, max_length=10_000)
    ]
    encoding: Literal["HEX"]


class GoogleIngestion(GoogleRemoval):
    """IngestAudienceMembersRequest."""

    consent: GoogleConsent
    termsOfService: GoogleTerms


def google_error(status: int, word: str, text: str, field: str = "") -> Response:
    """An error of a Google API."""
    details: list[dict[str, Any]] = [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": word}
    ]
    if field:
        details.append(
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": field, "description": text}],
            }
        )
    return Response(
        status,
        {
            "error": {
                "code": status,
                "message": text,
                "status": word,
                "details": details,
            }
        },
    )


class GoogleFake(Fake):
    """Customer Match: a receipt, then a status; `bad` members fail the whole request.

    `states` are told one a question, the last one from then on.
    """

    unauthorized = google_error(401, "UNAUTHENTICATED", "invalid credentials")

    def __init__(self) -> None:
        super().__init__()
        self.states = ["SUCCESS"]
        self.late: set[str] = set()
        self.receipts: dict[str, list[str]] = {}

    def answer(self, request: Request) -> Response:
        """audienceMembers:ingest, :remove and requestStatus:retrieve."""
        if request.path == "/v1/requestStatus:retrieve" and request.method == "GET":
            return self.status(self.receipts[request.query["requestId"]])
        verb = match(r"/v1/audienceMembers:(ingest|remove)", request.path)[1]
        if request.method != "POST":
            raise ValueError(request.method)
        form = GoogleIngestion if verb == "ingest" else GoogleRemoval
        body = form.model_validate(request.json())
        (destination,) = body.destinations
        if destination.productDestinationId not in self.members:
            return google_error(
                400, "INVALID_ARGUMENT", "no such list", "destinations[0]"
            )
        told = [
            next(hash for hash in one.model_dump().values() if hash is not None)
            for member in body.audienceMembers
            for one in member.userData.userIdentifiers
        ]
        for place, one in enumerate(told):
            if one in self.bad:
                where = f"audience_members.audience_members[{place}].user_data"
                return google_error(400, "INVALID_ARGUMENT", f"what is {one}?", where)
        self.change(
            destination.productDestinationId,
            [one for one in told if one not in self.late],
            verb == "ingest",
        )
        receipt = f"receipt/{len(self.receipts)}"
        self.receipts[receipt] = told
        return Response(200, {"requestId": receipt})

    def status(self, told: list[str]) -> Response:
        """How a request fared."""
        state = self.states[0] if len(self.states) == 1 else self.states.pop(0)
        if state == "SUCCESS" and self.late & set(told):
            state = "PARTIAL_SUCCESS"
        reason = "PROCESSING_ERROR_REASON_INVALID_FORMAT"
        wrong = {"errorInfo": {"errorCounts": [{"recordCount": "1", "reason": reason}]}}
        return Response(
            200,
            {
                "requestStatusPerDestination": [
                    {
                        "requestStatus": state,
                        **(wrong if state in ("FAILED", "PARTIAL_SUCCESS") else {}),
                    }
                ]
            },
        )

    def malformed(self, text: str) -> Response:
        """Invalid argument, of the request as a whole."""
        return google_error(400, "INVALID_ARGUMENT", text)


# TikTok: https://business-api.tiktok.com/portal/docs?id=1739940506015746 and the
# connectors of Segment and RudderStack


class TikTokIdentifier(Strict):
    """A hash and where it belongs."""

    id: Sha256
    audience_ids: Annotated[list[str], Field(min_length=1)]


class TikTokBody(Strict):
    """A request to segment/mapping."""

    advertiser_ids: Annotated[list[str], Field(min_length=1)]
    action: Literal["add", "delete"]
    id_schema: Annotated[
        list[Literal["EMAIL_SHA256", "PHONE_SHA256"]],
        Field(min_length=1, max_length=1),
    ]
    batch_data: Annotated[
        list[Annotated[list[TikTokIdentifier], Field(min_length=1, max_length=1)]],
        Field(min_length=1, max_length=10_000),
    ]


class TikTokFake(Fake):
    """Custom audiences; every answer is 200."""

    credential = ("access-token", TOKEN)
    unauthorized = Response(200, {"code": 40105, "message": "Access token is invalid"})

    def answer(self, request: Request) -> Response:
        """POST segment/mapping."""
        match(
            r"POST /open_api/v1\.3/segment/mapping/", f"{request.method} {request.path}"
        )
        body = TikTokBody.model_validate(request.json())
        for (one,) in body.batch_data:
            if one.id in self.bad:
                raise ValueError(one.id)
            if not set(one.audience_ids) <= self.members.keys():
                return Response(200, {"code": 40001, "message": "no permission"})
        for (one,) in body.batch_data:
            for audience in one.audience_ids:
                self.change(audience, [one.id], body.action == "add")
        return Response(200, {"code": 0, "message": "OK", "data": {}})

    def malformed(self, text: str) -> Response:
        """Wrong parameters."""
        return Response(200, {"code": 40002, "message": text})


# Braze: https://www.braze.com/docs/api/endpoints/user_data/post_user_track


class BrazeFake(Fake):
    """/users/track; `members` has what arrays and yes-or-no attributes say."""

    unauthorized = Response(401, {"message": "Invalid API key"})

    def answer(self, request: Request) -> Response:
        """Attribute objects, each on its own."""
        match("POST /users/track", f"{request.method} {request.path}")
        body = request.json()
        if body.keys() != {"attributes"} or not 1 <= len(body["attributes"]) <= 75:
            raise ValueError("attributes")
        errors = []
        for place, told in enumerate(body["attributes"]):
            if told["external_id"] in self.bad:
                text = f"'external_id' {told['external_id']} is wrong"
                errors.append(
                    {"type": text, "input_array": "attributes", "index": place}
                )
                continue
            self.attribute(told)
        done = {"attributes_processed": len(body["attributes"]) - len(errors)}
        return Response(
            201,
            {**done, "message": "success", **({"errors": errors} if errors else {})},
        )

    def attribute(self, told: dict[str, Any]) -> None:
        """Apply the attributes of one user."""
        if not isinstance(told["_update_existing_only"], bool):
            raise ValueError("_update_existing_only")
        for name, value in told.items():
            if name in ("external_id", "_update_existing_only"):
                continue
            if isinstance(value, dict):
                ((verb, keys),) = value.items()
                if verb not in ("add", "remove") or not isinstance(keys, list):
                    raise ValueError(verb)
                for key in keys:
                    self.change(key, [told["external_id"]], verb == "add")
            elif isinstance(value, bool):
                self.change(name, [told["external_id"]], value)

    def malformed(self, text: str) -> Response:
        """A fatal error."""
        return Response(400, {"message": text})


# Klaviyo: https://github.com/klaviyo/openapi, revision 2026-04-15


class KlaviyoAttributes(Strict):
    """Attributes of a profile that are used here."""

    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone_number: Annotated[str, StringConstraints(pattern=r"^\+[0-9]+$")] | None = None
    properties: dict[str, str] | None = None


class KlaviyoProfile(Strict):
    """A profile to import."""

    type: Literal["profile"]
    attributes: KlaviyoAttributes


class KlaviyoProfiles(Strict):
    """profiles of an import."""

    data: Annotated[list[KlaviyoProfile], Field(min_length=1, max_length=10_000)]


class KlaviyoImport(Strict):
    """attributes of an import."""

    profiles: KlaviyoProfiles


class KlaviyoList(Strict):
    """A list by its id."""

    type: Literal["list"]
    id: str


class KlaviyoLists(Strict):
    """lists of an import."""

    data: Annotated[list[KlaviyoList], Field(min_length=1)]


class KlaviyoRelationships(Strict):
    """relationships of an import."""

    lists: KlaviyoLists


class KlaviyoJob(Strict):
    """A profile-bulk-import-job."""

    type: Literal["profile-bulk-import-job"]
    attributes: KlaviyoImport
    relationships: KlaviyoRelationships


class KlaviyoBody(Strict):
    """A request that creates a job."""

    data: KlaviyoJob


class KlaviyoRef(Strict):
    """A profile by its id."""

    type: Literal["profile"]
    id: str


class KlaviyoRemoval(Strict):
    """A request that takes profiles out of a list."""

    data: Annotated[list[KlaviyoRef], Field(min_length=1, max_length=1_000)]


def klaviyo_error(status: int, code: str, text: str) -> Response:
    """An error of the API."""
    told = {"id": "e", "status": status, "code": code, "title": text, "detail": text}
    return Response(status, {"errors": [told]})


class KlaviyoFake(Fake):
    """Profiles and lists; an import is queued, goes on, and is over.

    `names_errors`: whether errors say which profile they are about.
    """

    credential = ("authorization", f"Klaviyo-API-Key {TOKEN}")
    unauthorized = klaviyo_error(401, "not_authenticated", "Missing or invalid key.")

    def __init__(self) -> None:
        super().__init__()
        self.profiles: dict[str, str] = {}
        self.jobs: list[tuple[str, list[str]]] = []
        self.progress: list[str] = ["queued", "processing", "complete"]
        self.asked: dict[int, int] = {}
        self.names_errors = True
        self.errors_a_page = 1

    def answer(self, request: Request) -> Response:
        """The five requests that are used here."""
        if request.headers["revision"] != "2026-04-15":
            raise ValueError("revision")
        if request.content and (
            request.headers["content-type"] != "application/vnd.api+json"
        ):
            raise ValueError("content-type")
        asked = f"{request.method} {request.path}"
        routes: dict[str, Callable[[Request, str], Response]] = {
            r"POST /api/profile-bulk-import-jobs()": self.create,
            r"GET /api/profile-bulk-import-jobs/job([0-9]+)": self.job,
            r"GET /api/profile-bulk-import-jobs/job([0-9]+)/import-errors": self.errors,
            r"GET /api/profiles()": self.find,
            r"DELETE /api/lists/([A-Za-z0-9]+)/relationships/profiles": self.remove,
        }
        for pattern, route in routes.items():
            if found := re.fullmatch(pattern, asked):
                return route(request, found[1])
        return klaviyo_error(404, "not_found", asked)

    def create(self, request: Request, _: str) -> Response:
        """A job; nobody is in the list before it goes on."""
        job = KlaviyoBody.model_validate(request.json()).data
        (target,) = job.relationships.lists.data
        if target.id not in self.members:
            return klaviyo_error(404, "not_found", target.id)
        told = [
            one.attributes.email or one.attributes.phone_number or ""
            for one in job.attributes.profiles.data
        ]
        self.jobs.append((target.id, told))
        return Response(202, self.job_body(len(self.jobs) - 1, "queued"))

    def job_body(self, number: int, status: str) -> dict[str, Any]:
        """A job as it is told."""
        told = self.jobs[number][1]
        failed = len(set(told) & self.bad) if status == "complete" else 0
        attributes = {
            "status": status,
            "created_at": "2026-11-22T00:00:00+00:00",
            "total_count": len(told),
            "completed_count": len(told) - failed,
            "failed_count": failed,
        }
        return {
            "data": {
                "type": "profile-bulk-import-job",
                "id": f"job{number}",
                "attributes": attributes,
            }
        }

    def job(self, request: Request, number: str) -> Response:
        """One step further each time it is asked for."""
        at = int(number)
        step = min(self.asked.get(at, 0), len(self.progress) - 1)
        self.asked[at] = step + 1
        status = self.progress[step]
        if status == "complete":
            target, told = self.jobs[at]
            good = [one for one in told if one not in self.bad]
            for one in good:
                self.profiles.setdefault(one, f"P{len(self.profiles)}")
            self.change(target, good, True)
        return Response(200, self.job_body(at, status))

    def errors(self, request: Request, number: str) -> Response:
        """Errors of a job, a few a page."""
        if not 1 <= int(request.query["page[size]"]) <= 100:
            raise ValueError("page[size]")
        wrong = [
            (place, one)
            for place, one in enumerate(self.jobs[int(number)][1])
            if one in self.bad
        ]
        start = int(request.query.get("page[cursor]", "0"))
        stop = start + self.errors_a_page
        links: dict[str, Any] = {"self": f"{self.address}{request.path}", "next": None}
        if stop < len(wrong):
            following = f"page%5Bsize%5D=100&page%5Bcursor%5D={stop}"
            links["next"] = f"{self.address}{request.path}?{following}"
        pointer = "/data/attributes/profiles/data/{}/attributes/email"
        data = [
            {
                "type": "import-error",
                "id": str(place),
                "attributes": {
                    "code": "invalid",
                    "title": "Invalid input",
                    "detail": f"{one} is wrong",
                    "source": {
                        "pointer": pointer.format(place)
                        if self.names_errors
                        else "/data"
                    },
                },
            }
            for place, one in wrong[start:stop]
        ]
        return Response(200, {"data": data, "links": links})

    def find(self, request: Request, _: str) -> Response:
        """Profiles by address or number."""
        if not 1 <= int(request.query["page[size]"]) <= 100:
            raise ValueError("page[size]")
        found = match(r"any\((email|phone_number),(\[.*\])\)", request.query["filter"])
        match(found[1], request.query["fields[profile]"])
        wanted = json.loads(found[2])
        if len(wanted) > 100:
            raise ValueError("too many")
        data = [
            {
                "type": "profile",
                "id": self.profiles[one],
                "attributes": {found[1]: one.upper() if found[1] == "email" else one},
            }
            for one in wanted
            if one in self.profiles
        ]
        return Response(200, {"data": data, "links": {"next": None}})

    def remove(self, request: Request, target: str) -> Response:
        """Profiles out of a list."""
        body = KlaviyoRemoval.model_validate(request.json())
        leaving = {one.id for one in body.data}
        if not leaving <= set(self.profiles.values()):
            return klaviyo_error(400, "invalid", "a profile that is not there")
        self.change(
            target, [one for one, key in self.profiles.items() if key in leaving], False
        )
        return Response(204)

    def malformed(self, text: str) -> Response:
        """Invalid input."""
        return klaviyo_error(400, "invalid", text)


# HubSpot: https://developers.hubspot.com/docs/api-reference/crm-lists-v3


class HubSpotChange(Strict):
    """A request to memberships/add-and-remove."""

    recordIdsToAdd: list[str]
    recordIdsToRemove: list[str]


class HubSpotInput(Strict):
    """A value of the property that is asked for."""

    id: str


class HubSpotQuestion(Strict):
    """A request to batch/read."""

    idProperty: str
    inputs: Annotated[list[HubSpotInput], Field(min_length=1, max_length=100)]
    properties: list[str]


def hubspot_error(status: int, category: str, text: str, sub: str = "") -> Response:
    """An error of the API."""
    told = {"status": "error", "category": category, "message": text}
    return Response(status, {**told, **({"subCategory": sub} if sub else {})})


class HubSpotFake(Fake):
    """Contacts and lists; `records` holds record ids by customer.

    `primary`: what a contact that was found tells instead of what was asked for.
    """

    unauthorized = hubspot_error(401, "INVALID_AUTHENTICATION", "expired")

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, str] = {}
        self.primary: dict[str, str] = {}

    def answer(self, request: Request) -> Response:
        """batch/read and add-and-remove."""
        asked = f"{request.method} {request.path}"
        if asked == "POST /crm/v3/objects/contacts/batch/read":
            return self.find(HubSpotQuestion.model_validate(request.json()))
        found = match(r"PUT /crm/v3/lists/([0-9]+)/memberships/add-and-remove", asked)
        if found[1] not in self.members:
            return hubspot_error(404, "OBJECT_NOT_FOUND", found[1])
        body = HubSpotChange.model_validate(request.json())
        there = set(self.records.values())
        self.change(found[1], sorted(there & set(body.recordIdsToAdd)), True)
        self.change(found[1], body.recordIdsToRemove, False)
        told = {*body.recordIdsToAdd, *body.recordIdsToRemove}
        return Response(
            200,
            {
                "recordsIdsAdded": sorted(there & set(body.recordIdsToAdd)),
                "recordIdsRemoved": sorted(there & set(body.recordIdsToRemove)),
                "recordIdsMissing": sorted(told - there),
            },
        )

    def find(self, body: HubSpotQuestion) -> Response:
        """Contacts by a property; some of them are missing: 207."""
        if body.idProperty != "customer_id" or body.properties != ["customer_id"]:
            raise ValueError(body.idProperty)
        for one in body.inputs:
            if one.id in self.bad:
                raise ValueError(one.id)
        there = [one.id for one in body.inputs if one.id in self.records]
        results = [
            {
                "id": self.records[one],
                "properties": {"customer_id": self.primary.get(one, one)},
            }
            for one in there
        ]
        missing = [one.id for one in body.inputs if one.id not in self.records]
        told = {"status": "COMPLETE", "results": results}
        if not missing:
            return Response(200, told)
        error = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects",
            "context": {"ids": missing},
        }
        return Response(207, {**told, "numErrors": 1, "errors": [error]})

    def malformed(self, text: str) -> Response:
        """A validation error."""
        return hubspot_error(400, "VALIDATION_ERROR", text)


# Kakao: https://developers.kakao.com/docs/latest/ko/kakaotalk-channel/rest-api


class KakaoUser(Strict):
    """A user to add."""

    id: Annotated[str, StringConstraints(pattern=r"^(010[0-9]{8}|\+8210[0-9]{8})$")]
    field: dict[str, str]


class KakaoUpdate(Strict):
    """A request to update/target_users."""

    file_id: int
    channel_public_id: Literal["_ZeUTxl"]
    user_type: Literal["phone"]
    users: Annotated[list[KakaoUser], Field(min_length=1, max_length=2_000)]


class KakaoRemoval(Strict):
    """A request to delete/target_users."""

    file_id: int
    channel_public_id: Literal["_ZeUTxl"]
    user_type: Literal["phone"]
    user_ids: Annotated[list[str], Field(min_length=1, max_length=2_000)]


class KakaoFake(Fake):
    """Customer files; the schema of a file is `schema`."""

    credential = ("authorization", f"KakaoAK {TOKEN}")
    unauthorized = Response(401, {"code": -401, "msg": "wrong appKey"})
    schema = frozenset({"등급"})

    def answer(self, request: Request) -> Response:
        """update/target_users and delete/target_users."""
        verb = match(r"/v1/talkchannel/(update|delete)/target_users", request.path)[1]
        if request.method != "POST":
            raise ValueError(request.method)
        body = (KakaoUpdate if verb == "update" else KakaoRemoval).model_validate(
            request.json()
        )
        if str(body.file_id) not in self.members:
            return Response(400, {"code": -816, "msg": f"no file {body.file_id}"})
        if isinstance(body, KakaoUpdate):
            told = [user.id for user in body.users]
            if not all(user.field.keys() <= self.schema for user in body.users):
                return Response(400, {"code": -817, "msg": "not the schema"})
        else:
            told = body.user_ids
        if set(told) & self.bad:
            raise ValueError(str(set(told) & self.bad))
        self.change(str(body.file_id), told, verb == "update")
        return Response(
            200,
            {
                "file_id": body.file_id,
                "request_count": len(told),
                "success_count": len(told),
            },
        )

    def malformed(self, text: str) -> Response:
        """Wrong arguments."""
        return Response(400, {"code": -2, "msg": text})


# FCM: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages


class FcmNotification(Strict):
    """What is shown."""

    title: str
    body: str


class FcmMessage(Strict):
    """A message to a token."""

    token: str
    notification: FcmNotification
    data: dict[str, str]


class FcmBody(Strict):
    """A request to messages:send."""

    message: FcmMessage


def fcm_error(status: int, word: str, code: str, text: str) -> Response:
    """An error of FCM."""
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    details = [{"@type": kind, "errorCode": code}]
    return Response(
        status,
        {
            "error": {
                "code": status,
                "message": text,
                "status": word,
                "details": details,
            }
        },
    )


class FcmFake(Fake):
    """Messages, by token; `bad` tokens are gone, `foreign` ones another sender's."""

    unauthorized = Response(
        401, {"error": {"code": 401, "message": "?", "status": "UNAUTHENTICATED"}}
    )

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[FcmMessage] = []
        self.foreign: set[str] = set()

    def answer(self, request: Request) -> Response:
        """messages:send."""
        match(
            "POST /v1/projects/shop-1/messages:send", f"{request.method} {request.path}"
        )
        message = FcmBody.model_validate(request.json()).message
        if message.token in self.bad:
            text = f"{message.token} was not found"
            return fcm_error(404, "NOT_FOUND", "UNREGISTERED", text)
        if message.token in self.foreign:
            text = f"{message.token} is another's"
            return fcm_error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", text)
        self.sent.append(message)
        return Response(200, {"name": f"projects/shop-1/messages/{len(self.sent)}"})

    def malformed(self, text: str) -> Response:
        """An invalid field."""
        return google_error(400, "INVALID_ARGUMENT", text, "message.data[0].value")
