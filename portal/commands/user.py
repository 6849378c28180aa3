"""`kb user`: accounts of the support team and of customers, for whoever runs the portal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from kb.account_rules import ROLES
from kb.errors import AccountError
from portal.command import choose_settings, share_folders
from portal.terminal import make_harmless, print_json


@click.group()
@share_folders
def command(articles: Path | None, data: Path | None) -> None:
    """Accounts of the support team, and of customers who may read more than the public. The first is made here; there is no default password."""


def take_password(function: Callable) -> Callable:
    """Add `--password-stdin`; without it the password is asked for twice on the terminal. It is never an argument."""
    return click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")(function)


def take_rights(function: Callable) -> Callable:
    """Add `--group` and `--product`: what a reader may see of what is not public."""
    function = click.option("--product", "products", multiple=True, help="A reader's product; the only ones if any are given. May be repeated.")(function)
    return click.option("--group", "groups", multiple=True, help="A reader's group, as articles name it. May be repeated.")(function)


@command.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account may do; each role may do what those before it may.")
@take_rights
@take_password
@share_folders
@click.pass_context
def add(
    context: click.Context, name: str, role: str, password_stdin: bool, groups: tuple[str, ...], products: tuple[str, ...], **folders: Path | None
) -> None:
    """Make an account. A reader is a customer who signs in."""
    account = _open(context, folders).add(name, role, _read_password(from_input=password_stdin), groups=groups, products=products, by=_who())
    click.echo(f"{make_harmless(account.name)} may sign in as {account.role}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the accounts as JSON.")
@share_folders
@click.pass_context
def list_accounts(context: click.Context, as_json: bool, **folders: Path | None) -> None:
    """Show every account, its role, and when it last signed in (UTC)."""
    accounts = _open(context, folders).list()
    if as_json:
        print_json([
            {
                "name": one.name, "role": one.role, "by_company": one.by_company, "groups": one.groups, "products": one.products, "disabled": one.disabled, "created_at": one.created_at.isoformat(),
                "signed_in_at": one.signed_in_at.isoformat() if one.signed_in_at else None,
            }
            for one in accounts
        ])  # fmt: skip
        return
    for one in accounts:
        seen = f"signed in {one.signed_in_at:%Y-%m-%d %H:%M}" if one.signed_in_at else "never signed in"
        rights = "".join(f", {what}: {' '.join(map(make_harmless, held))}" for what, held in (("groups", one.groups), ("products", one.products)) if held)
        click.echo(f"{make_harmless(one.name):<24} {one.role:<14} {'by the company, ' if one.by_company else ''}{'disabled, ' if one.disabled else ''}{seen}{rights}")
    if not accounts:
        click.echo("no accounts yet; `kb user add NAME --role administrator` makes the first")


@command.command()
@click.argument("name")
@take_password
@share_folders
@click.pass_context
def password(context: click.Context, name: str, password_stdin: bool, **folders: Path | None) -> None:
    """Set a new password; every sign-in of the account ends."""
    _open(context, folders).set_password(name, _read_password(from_input=password_stdin), by=_who())
    click.echo(f"{make_harmless(name)} has a new password and is signed out everywhere")


@command.command()
@click.argument("name")
@share_folders
@click.pass_context
def disable(context: click.Context, name: str, **folders: Path | None) -> None:
    """Keep the account from signing in; every sign-in of it ends."""
    _open(context, folders).disable(name, by=_who())
    click.echo(f"{make_harmless(name)} can no longer sign in")


@command.command()
@click.argument("name")
@share_folders
@click.pass_context
def enable(context: click.Context, name: str, **folders: Path | None) -> None:
    """Let a disabled account sign in again."""
    _open(context, folders).enable(name, by=_who())
    click.echo(f"{make_harmless(name)} can sign in again")


@command.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@share_folders
@click.pass_context
def role(context: click.Context, name: str, role: str, **folders: Path | None) -> None:
    """Give the account another role, at once."""
    _open(context, folders).set_role(name, role, by=_who())
    click.echo(f"{make_harmless(name)} is {role} now")


@command.command()
@click.argument("name")
@take_rights
@share_folders
@click.pass_context
def rights(context: click.Context, name: str, groups: tuple[str, ...], products: tuple[str, ...], **folders: Path | None) -> None:
    """Give a reader exactly these groups and products, at once."""
    _open(context, folders).set_rights(name, groups=groups, products=products, by=_who())
    click.echo(f"{make_harmless(name)} reads as {', '.join((*groups, *products)) or 'any customer'} now")


def _open(context: click.Context, folders: dict[str, Path | None]):
    """The accounts of the chosen data folder, whose database is made when there is none yet."""
    between = {name: context.parent.params.get(name) for name in ("articles", "data")}
    settings = choose_settings(**{name: folders[name] or between[name] for name in between})

    from kb.accounts import Accounts
    from kb.database import migrate

    migrate(settings.database)
    return Accounts(settings.database)


def _who() -> str:
    from portal.command_account import command_account

    return command_account().name


def _read_password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise AccountError("there is no terminal to ask for the password on; pass it on standard input with --password-stdin")
    return click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
