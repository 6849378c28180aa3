"""What is said of a company's identity provider: complete or refused, and its secret shown nowhere."""

import json
import zipfile

import pytest

from kb.backup import write_backup
from kb.company_settings import choose_role, map_roles
from kb.database import migrate
from kb.errors import SettingsError
from kb.settings import Settings, name_values, read_settings

SECRET = "a secret of the portal and the provider"
COMPANY = {"KB_OIDC_ISSUER": "https://login.example/realms/acme", "KB_OIDC_CLIENT_ID": "kb", "KB_OIDC_CLIENT_SECRET": SECRET}


def test_without_settings_there_is_no_company():
    assert not read_settings({}).has_company
    assert read_settings(COMPANY).has_company


@pytest.mark.parametrize("left_out", COMPANY)
def test_half_a_provider_is_refused_with_what_is_missing(left_out):
    with pytest.raises(SettingsError, match=f"^{left_out} must be set") as refusal:
        read_settings({name: value for name, value in COMPANY.items() if name != left_out})
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example", "login.example", "https://", "https://login.example?x=1", "https://login.example#x", "ftp://login.example", "https://[x", "https://a:b"],
)
def test_a_provider_is_an_https_address(issuer):
    with pytest.raises(SettingsError, match="KB_OIDC_ISSUER is"):
        read_settings({**COMPANY, "KB_OIDC_ISSUER": issuer})


@pytest.mark.parametrize("issuer", ["http://localhost:8080", "http://127.0.0.1:8080/realms/acme", "http://[::1]", "https://tenant.example/"])
def test_a_provider_on_this_machine_may_do_without(issuer):
    assert read_settings({**COMPANY, "KB_OIDC_ISSUER": issuer}).oidc_issuer == issuer


@pytest.mark.parametrize("address", ["help.example.com", "https://help.example.com/kb", "https://me@help.example.com", "ftp://help.example.com", "https://[x"])
def test_the_public_address_has_no_path_and_is_one(address):
    with pytest.raises(SettingsError, match="KB_PUBLIC_URL is"):
        read_settings({"KB_PUBLIC_URL": address})
    assert read_settings({"KB_PUBLIC_URL": "https://help.example.com:8443/"}).public_url


def test_groups_give_roles_and_the_highest_counts():
    roles = map_roles(" support = agent, 客服主管=lead,team=a=agent , ")
    assert roles == {"support": "agent", "客服主管": "lead", "team=a": "agent"}
    assert [choose_role(groups, roles) for groups in ((), ("gold",), ("support", "gold"), ("客服主管", "support"))] == ["reader", "reader", "agent", "lead"]


@pytest.mark.parametrize("text", ["support", "support=owner", "=agent", "support=", "a=agent,a=lead"])
def test_a_mapping_that_cannot_be_meant_is_refused_at_once(text):
    with pytest.raises(SettingsError, match="KB_OIDC_ROLES"):
        read_settings({"KB_OIDC_ROLES": text})


def test_the_secret_is_printed_nowhere_and_in_no_backup(tmp_path):
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", oidc_client_secret=SECRET, oidc_client_id="kb")
    settings.articles.mkdir()
    migrate(settings.database)
    write_backup(settings, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        contents = b"".join(archive.read(name) for name in archive.namelist())
    assert SECRET.encode() not in contents and b"KB_OIDC_CLIENT_ID" in contents
    assert SECRET not in repr(settings) + json.dumps(name_values(settings))
