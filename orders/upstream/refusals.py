"""What a refusal is about, by the provider's words, in the languages that panels speak.

The order of the table is part of it: what concerns our account comes first; then words that admit
that the provider does not know itself, which no later line may overrule; then what is particular
comes before what is general. A text that no line knows is no refusal but an unknown answer.
"""

import re
import unicodedata

from orders.enums import RefusalFamily

_WRONG = r"(?:invalid|incorrect|wrong|bad|not valid|unknown|missing|empty|required)"
_SAID_OF = r"(?: is| are| was| has been)?"

# Patterns meet plain lower-case words: accents and punctuation are gone, `_plain` says how.
_ACCOUNT: dict[RefusalFamily, list[str]] = {
    RefusalFamily.RATE_LIMIT: [
        r"\brate limit",
        r"too many (requests|attempts)",
        r"\brequests? (limit|per second|per minute)",
        r"muitas (requisicoes|solicitacoes)|demasiadas solicitudes",
        r"cok fazla istek",
        r"слишком много запросов",
    ],
    RefusalFamily.KEY: [
        r"\b(invalid|incorrect|wrong|bad|unknown|missing|expired|inactive) (api )?(key|token)\b",
        r"\b(key|token)( is)? (required|missing|invalid|incorrect|wrong|expired|inactive)",
        r"\b(key|token)( is)? (disabled|not valid|not found|not active)",
        r"\bunauthori[sz]ed|\bunauthenticated|authentication (failed|required)|access denied",
        r"\bip (address )?(is )?not (allowed|whitelisted)",
        r"gecersiz api",
        r"(chave|clave|llave) (de )?(la )?api|api key (invalida|tidak valid|salah)",
        r"неверныи (api )?ключ",
    ],
    RefusalFamily.SUSPENDED: [
        rf"\b(account|user){_SAID_OF} (suspended|banned|blocked|disabled|deactivated|inactive)",
        r"\b(suspended|banned|blocked) (account|user)",
        rf"\bapi( access)?{_SAID_OF} (disabled|deactivated|turned off|not enabled)",
        r"hesabiniz (askiya|engellen)",
        r"(conta|cuenta) (suspensa|suspendida|bloquead)",
        r"аккаунт заблокирован",
    ],
    RefusalFamily.FUNDS: [
        r"not enough (funds?|balance|money|credits?)",
        r"insufficient (account )?(funds?|balance|credits?)",
        rf"\b(balance|funds|credits?){_SAID_OF} (too low|low|insufficient|not enough)",
        r"yetersiz bakiye|bakiye(niz)? yetersiz|bakiyeniz yeterli degil",
        r"(saldo|fondos|credito) insuficientes?|solde insuffisant",
        r"saldo (anda )?tidak (cukup|mencukupi)|so du khong du",
        r"недостаточно (средств|денег)",
    ],
}

_DOUBT = [
    r"\binternal\b|server error|\bunexpected|something went wrong|unknown error",
    r"\btime ?d? ?out|\bunavailable|maintenance",
    r"(could not|can ?t|cannot|unable to|failed to) (be )?(creat|plac|process|complet|submit)",
    r"\berror (has )?(occurr|while)|temporar\w+ (error|unavail)",
]

_ORDER: dict[RefusalFamily, list[str]] = {
    RefusalFamily.DUPLICATE: [
        r"link duplicate|\bduplicate|same link",
        r"\bactive order|order.{0,40}(already )?in progress",
        r"already (have|has|exists?|placed)|until .{0,30}\border.{0,30}complet",
        r"ayni link|aktif siparis|orden activa|pedido (ativo|em andamento)",
        r"активныи заказ",
    ],
    RefusalFamily.REQUEST: [
        r"\b(incorrect|invalid|bad|malformed) request",
        r"\b(method|action)( is)? not (allowed|found)",
        rf"\b{_WRONG} (action|method|parameters?|params)\b|\baction( is)? {_WRONG}",
        r"missing (required )?param|required (param|field)|param(eter)?s?( is| are)? missing",
    ],
    RefusalFamily.SERVICE: [
        r"\b(incorrect|invalid|disabled|inactive|unknown|wrong|no such) services?\b",
        rf"\bservices?( id)?{_SAID_OF} (not found|not active|not exist|inactive|disabled|invalid)",
        rf"\bservices?( id)?{_SAID_OF} (incorrect|wrong|deleted|removed|no longer)",
        r"\bservices?( id)? (does|did) ?n.?t exist|\bservice( id)? does not exist",
        r"neworder error service",
        r"servis (bulunamadi|pasif|aktif degil)|(servicio|servico) (no|nao) (encontrado|existe)",
        r"услуга не наидена",
    ],
    RefusalFamily.LINK: [
        r"neworder error (link|url)\b",
        rf"\b{_WRONG} (link|url)\b|\b(broken|unsupported|private) (link|url|account|profile)",
        rf"\b(link|url)( field)?( is)? ({_WRONG}|not (found|supported|correct)|private|too long)",
        r"\b(account|profile|post)( is)? private|\benter (a )?(valid|correct) (link|url)",
        r"(gecersiz|hatali) link|(link|enlace) (invalido|invalida)|enlace no valido",
        r"(неверная|некорректная) ссылка",
    ],
    RefusalFamily.QUANTITY: [
        r"\bquantity|neworder error (min|max|runs|interval)|\b(minimum|maximum)\b|\bmultiple of",
        rf"\b{_WRONG} (runs|interval|amount)|\b(runs|interval|amount)( is)? {_WRONG}",
        r"\bmiktar|\bquantidade|\bcantidad|количеств",
    ],
    RefusalFamily.COMMENTS: [
        r"\bcomments?\b|neworder error (username|hashtag|keyword|media|answer|group)",
        rf"\b{_WRONG} (usernames?|hashtags?|keywords?|media|groups?|answer)",
        rf"\b(usernames?|hashtags?|keywords?|media|groups?)( field)?( is| are)? {_WRONG}",
        r"\byorum|\bcomentarios?\b|комментари",
    ],
}

# A plain no to one order, in answer to `status`, `refill` or `cancel`.
_FOLLOW_UP = [
    r"\b(incorrect|invalid|wrong|unknown|bad|no such) (order|refill)",
    r"\b(order|refill)s? (id )?not found|\border (was|is|has been|already|does|status)",
    r"\brefill|\bcancel|already requested|not (allowed|eligible|supported|possible)",
    r"\bdays are over|\bhours ago",
]

_BY_STATUS = {
    401: RefusalFamily.KEY,
    403: RefusalFamily.KEY,
    429: RefusalFamily.RATE_LIMIT,
    422: RefusalFamily.LINK,
    405: RefusalFamily.REQUEST,
}

# Families that speak of the provider's account or of our way of asking, not of one order.
NOT_OF_ONE_ORDER = frozenset(_ACCOUNT) | {RefusalFamily.REQUEST}


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_Table = dict[RefusalFamily, re.Pattern[str]]
_ACCOUNT_TABLE: _Table = {family: _any_of(patterns) for family, patterns in _ACCOUNT.items()}
_ORDER_TABLE: _Table = {family: _any_of(patterns) for family, patterns in _ORDER.items()}
_IN_DOUBT = _any_of(_DOUBT)
_ABOUT_THE_ORDER = _any_of(_FOLLOW_UP)


def refusal_family(text: str, http_status: int | None = None) -> RefusalFamily | None:
    """What an error in answer to `add` is about; None when that cannot be told.

    The HTTP status helps only where the words say nothing, neither a family nor doubt.
    """
    plain = _plain(text)
    account = _first(_ACCOUNT_TABLE, plain)
    if account or _IN_DOUBT.search(plain):
        return account
    return _first(_ORDER_TABLE, plain) or _BY_STATUS.get(http_status or 0)


def account_family(text: str, http_status: int | None = None) -> RefusalFamily | None:
    """The family, if the error is about our account or our way of asking."""
    family = refusal_family(text, http_status)
    return family if family in NOT_OF_ONE_ORDER else None


def is_about_the_order(text: str) -> bool:
    """Whether an error in answer to `status`, `refill` or `cancel` is a plain no to that order."""
    plain = _plain(text)
    return not _IN_DOUBT.search(plain) and bool(_ABOUT_THE_ORDER.search(plain))


def _first(table: _Table, plain: str) -> RefusalFamily | None:
    return next((family for family, pattern in table.items() if pattern.search(plain)), None)


def _plain(text: str) -> str:
    """Lower case without accents, punctuation as spaces: `neworder.error.link` becomes words."""
    letters = unicodedata.normalize("NFKD", text[:1000].casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", bare.replace("ı", "i")).strip()
