"""Where a server may lead us: redirects and next pages, judged by a real server and by the rule."""

import json
import socket
import ssl
from pathlib import Path

import pytest

from certificates import Authority
from diffusion.config.fetching import FileFetch
from diffusion.errors import DiffusionError
from diffusion.fetch.link_policy import LinkPolicy
from unit.fetches import Answer, Asked, Scripted, download, fetch, rows

PUBLIC = "https://93.184.216.34/data/f"
ALLOW_HTTP = {"allow_http_redirects": True}


def policy_of(url: str, **options: object) -> LinkPolicy:
    """Return the policy of a source with this URL."""
    return LinkPolicy(FileFetch(url=url, **options), url, "sources.t")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("g?page=2", "https://93.184.216.34/data/g?page=2"),
        ("//93.184.216.35/g", "https://93.184.216.35/g"),
        ("https://[2606:2800:21f:cb07::1]/g", "https://[2606:2800:21f:cb07::1]/g"),
        ("https://[64:ff9b::5db8:d822]/g", "https://[64:ff9b::5db8:d822]/g"),  # a public one
        ("https://nobody-knows.invalid/g", "https://nobody-knows.invalid/g"),  # a proxy may
    ],
)
def test_what_is_followed(link: str, url: str) -> None:
    assert policy_of(PUBLIC).target(PUBLIC, link) == url


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("http://93.184.216.34/data/f", "not encrypted"),
        ("file:///etc/passwd", "leads to file:///etc/passwd"),
        ("ftp://93.184.216.35/f", "only http:// and https:// are followed"),
        ("javascript:alert(1)", "only http:// and https:// are followed"),
        ("http:///f", "not a URL"),
        ("https://127.0.0.1\\@93.184.216.35/../f", r"inside this network \(127.0.0.1\)"),
        ("https://127.0.0.1/f", r"inside this network \(127.0.0.1\)"),
        ("https://localhost/f", "inside this network"),
        ("https://2130706433/f", r"inside this network \(127.0.0.1\)"),
        ("https://0/f", r"inside this network \(0.0.0.0\)"),
        ("https://user@10.0.0.1/f", r"allow_hosts: \[10.0.0.1\]"),
        ("https://192.168.1.1:9000/f", "inside this network"),
        ("https://169.254.169.254/latest/meta-data", "inside this network"),
        ("https://100.100.100.200/latest/meta-data", "inside this network"),
        ("https://[::1]/f", "inside this network"),
        ("https://[fd00:ec2::254]/f", "inside this network"),
        ("https://[::ffff:169.254.169.254]/f", "inside this network"),
        ("https://[fe80::1]/f", "inside this network"),
        ("https://[2002:a00:1::1]/f", "inside this network"),  # 10.0.0.1, by 6to4
        ("https://[64:ff9b::a00:1]/f", "inside this network"),  # 10.0.0.1, by NAT64
        ("https://224.0.0.1/f", "inside this network"),
        ("https://[93.184/f", "not a URL"),
        ("https://93.184.216.35:port/f", "not a URL"),
    ],
)
def test_what_is_refused(link: str, words: str) -> None:
    with pytest.raises(DiffusionError, match=words) as caught:
        policy_of(PUBLIC).target(PUBLIC, link)
    assert str(caught.value).startswith("sources.t: ")


def test_the_configuration_may_allow_more() -> None:
    policy = policy_of(PUBLIC, allow_hosts=["10.0.0.1", "LOCALHOST"], **ALLOW_HTTP)
    assert policy.target(PUBLIC, "http://10.0.0.1/f") == "http://10.0.0.1/f"
    assert policy.target(PUBLIC, "http://localhost/f") == "http://localhost/f"
    with pytest.raises(DiffusionError, match="inside this network"):
        policy.target(PUBLIC, "http://10.0.0.2/f")


def test_a_source_inside_the_network_leads_to_itself_only() -> None:
    own = "http://127.0.0.1:8000/f"
    policy = policy_of(own)
    assert policy.target(own, "http://127.0.0.1:8000/g") == "http://127.0.0.1:8000/g"
    for other in (
        "http://127.0.0.1:9000/f",
        "http://127.0.0.1/f",
        "http://169.254.169.254/f",
        "http://10.0.0.1/f",
    ):
        with pytest.raises(DiffusionError, match="inside this network"):
            policy.target(own, other)


def test_a_name_that_leads_elsewhere_when_it_is_asked(monkeypatch, tmp_path: Path) -> None:
    """DNS rebinding: a public address when the link is judged, this machine when it is followed."""
    resolve, answered = socket.getaddrinfo, ["93.184.216.34", "127.0.0.1"]

    def rebound(host: str, *given: object, **keys: object) -> list:
        return resolve(answered.pop(0) if host == "rebound.example" else host, *given, **keys)

    def own(asked: Asked) -> Answer:
        return Answer(302, {"Location": f"http://rebound.example:{server.port}/secret"})

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    words = r"rebound.example leads inside this network \(127.0.0.1\)"
    with Scripted(own) as server, pytest.raises(DiffusionError, match=words):
        download(tmp_path, server.url + "/f")
    assert not answered
    assert [asked.path for asked in server.asked] == ["/f"]


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/", "file:///etc/passwd"])
def test_a_redirect_is_judged_before_it_is_followed(location: str, tmp_path: Path) -> None:
    def own(asked: Asked) -> Answer:
        return Answer(302, {"Location": location})

    with Scripted(own) as server, pytest.raises(DiffusionError, match=location):
        download(tmp_path, server.url + "/f")
    assert not list(tmp_path.iterdir())


def test_a_redirect_may_be_written_in_utf_8(tmp_path: Path) -> None:
    answers = [Answer(302, {"Location": "/donnÃ©es"}), Answer(body=b"data")]  # sent as Latin-1
    with Scripted(lambda _: answers.pop(0)) as server:
        download(tmp_path, server.url + "/f")
    assert server.asked[1].path == "/donn%C3%A9es"


@pytest.mark.parametrize("style", ["next_url", "link_header"])
def test_a_next_page_is_judged_before_it_is_asked(style: str, tmp_path: Path) -> None:
    inside = "http://10.0.0.1/lines?page=2"

    def own(asked: Asked) -> Answer:
        body = json.dumps({"items": [{"a": 1}], "next": inside}).encode()
        return Answer(200, {"Link": f'<{inside}>; rel="next"'}, body)

    pages = {"style": style, "records": "items"}
    with Scripted(own) as server, pytest.raises(DiffusionError, match=r"inside this network"):
        fetch(tmp_path, server.url + "/lines", pages=pages)


def test_a_next_page_on_another_host_does_not_get_the_secret(tmp_path: Path) -> None:
    def own(asked: Asked) -> Answer:
        body = {"items": [{"a": 1}], "next": f"http://localhost:{other.port}/p2"}
        return Answer(body=json.dumps(body).encode())

    def last(asked: Asked) -> Answer:
        return Answer(body=b'{"items": [{"a": 2}]}')

    keys = {"pages": {"style": "next_url", "records": "items"}, "auth": {"env": "KEY"}}
    keys |= {"allow_hosts": ["localhost"]}
    with Scripted(last) as other, Scripted(own) as server:
        fetch(tmp_path, server.url + "/p1", {"KEY": "s3cr3t"}, **keys)
    assert rows(tmp_path) == [{"a": 1}, {"a": 2}]
    assert server.asked[0].headers["Authorization"] == "Bearer s3cr3t"
    assert "s3cr3t" not in str(other.asked[0].headers)


def test_from_https_to_http_only_where_the_configuration_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path / "ca")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("127.0.0.1"))

    def own(asked: Asked) -> Answer:
        return Answer(302, {"Location": f"{plain.url}/f?key=s3cr3t"})

    with Scripted(lambda _: Answer(body=b"data")) as plain, Scripted(own, context) as server:
        keys = {"auth": {"env": "KEY", "style": "param", "name": "key"}}
        with pytest.raises(DiffusionError, match="which is not encrypted") as caught:
            download(tmp_path / "f", server.url + "/f", {"KEY": "s3cr3t"}, **keys)
        assert not plain.asked
        assert "s3cr3t" not in str(caught.value)
        assert "allow_http_redirects: true" in caught.value.fix
        keys |= ALLOW_HTTP | {"allow_hosts": ["127.0.0.1"]}
        facts = download(tmp_path / "f", server.url + "/f", {"KEY": "s3cr3t"}, **keys)
    assert (tmp_path / "f" / "file").read_bytes() == b"data"
    assert facts["redirects"][0].startswith("https://")
