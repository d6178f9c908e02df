"""The door of webhooks: no person comes in here, each call proves itself by its signature."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from perilune.hub.contracts.hooks import Call
from perilune.hub.service import hooks
from perilune.hub.service.hooks.incoming import LARGEST
from perilune.kernel.errors import NotFound


@csrf_exempt  # programs bring no session; the signature says who calls
@require_POST
def receive(request: HttpRequest, address: str) -> HttpResponse:
    """Keep a call and answer 202; say in a word why it is refused."""
    call = Call(
        addresses=_addresses(request),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(LARGEST + 1),
    )
    try:
        found = hooks.hook_receive(address, call, timezone.now())
    except NotFound:
        return JsonResponse({"refused": "unknown"}, status=404)
    said = {"refused": found.refusal.value} if found.refusal else {"taken": True}
    return JsonResponse(said, status=found.status)


def _addresses(request: HttpRequest) -> tuple[str, ...]:
    """Return under which addresses the sender may have called: ours behind a proxy is another."""
    path = request.get_full_path()
    outside = str(settings.PERILUNE_URL).rstrip("/")
    found = [request.build_absolute_uri(), f"https://{request.get_host()}{path}"]
    return tuple([f"{outside}{path}", *found] if outside else found)
