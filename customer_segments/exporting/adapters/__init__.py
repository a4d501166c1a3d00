"""Destinations by the name of their adapter."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from customer_segments.exporting.delivery import Adapter
from customer_segments.exporting.settings import checked_settings

# the settings of one destination, and the environment that holds its secrets
Factory = Callable[[Mapping[str, Any], Mapping[str, str]], Adapter]


def lazily(module: str, name: str) -> Factory:
    """The adapter `name` of a module here, imported when a destination needs it.

    The module has the model `Settings` beside it; WrongSpec says which key is wrong.
    """

    def connect(settings: Mapping[str, Any], environ: Mapping[str, str]) -> Adapter:
        found = import_module(f"customer_segments.exporting.adapters.{module}")
        checked = checked_settings(found.Settings, settings, "settings")
        adapter: Adapter = getattr(found, name)(checked, environ)
        return adapter

    return connect


ADAPTERS: dict[str, Factory] = {
    "braze": lazily("braze", "Braze"),
    "fcm": lazily("fcm", "FirebaseCloudMessaging"),
    "google_data_manager": lazily("google_data_manager", "GoogleDataManager"),
    "hubspot": lazily("hubspot", "HubSpot"),
    "kakao_channel": lazily("kakao_channel", "KakaoChannel"),
    "klaviyo": lazily("klaviyo", "Klaviyo"),
    "meta_custom_audience": lazily("meta_custom_audience", "MetaCustomAudience"),
    "postgres": lazily("postgres_table", "PostgresTable"),
    "tiktok": lazily("tiktok", "TikTok"),
    "webhook": lazily("webhook", "Webhook"),
}
