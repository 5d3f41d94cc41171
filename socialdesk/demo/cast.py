"""Who works at the demo desk, and for which brands they answer."""

from dataclasses import dataclass

from apps.agents.models import User

# Only ever for a desk on this machine: `manage.py demo` refuses in production.
PASSWORD = "answered-by-name"  # noqa: S105 - printed by `manage.py up` for whoever tries the desk

CARE = "Care"
SHOP = "Shop & delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """One person of the desk; `pace` multiplies how long their answers take."""

    name: str
    initials: str
    role: str = User.Role.AGENT
    teams: tuple[str, ...] = (CARE,)
    capacity: int = 12
    languages: tuple[str, ...] = ()
    pace: float = 1.0

    @property
    def email(self) -> str:
        """Their sign-in address: the first name, without accents."""
        return f"{self.name.split()[0].lower().replace('í', 'i')}@acme.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """One account on the practice network, and the team that answers it."""

    handle: str
    name: str
    team: str
    pace: float


ANA = Colleague(name="Ana Bauer", initials="AB", capacity=18, languages=("de", "fr"), pace=0.75)
MIA = Colleague(name="Mia Lindt", initials="ML", role=User.Role.MANAGER, teams=(CARE, SHOP))
ADA = Colleague(name="Ada Moreau", initials="AM", role=User.Role.ADMIN, teams=())

COLLEAGUES = (
    ANA,
    Colleague(name="Ben Wood", initials="BW", capacity=16, languages=("fr",), pace=1.0),
    Colleague(name="Noa Haddad", initials="NH", capacity=14, languages=("ar", "he"), pace=0.9),
    Colleague(name="Dana Ito", initials="DI", capacity=14, languages=("ja",), pace=1.35),
    Colleague(name="Emre Kaya", initials="EK", capacity=16, languages=("tr", "de"), pace=1.1),
    Colleague(
        name="Lucía Romero",
        initials="LR",
        teams=(SHOP,),
        capacity=14,
        languages=("es", "pt-BR"),
        pace=0.85,
    ),
    Colleague(
        name="Priya Nair",
        initials="PN",
        teams=(SHOP,),
        capacity=12,
        languages=("hi", "pt-BR"),
        pace=1.05,
    ),
    Colleague(
        name="Kasia Wolny",
        initials="KW",
        teams=(SHOP,),
        capacity=12,
        languages=("pl", "de"),
        pace=1.4,
    ),
    MIA,
    ADA,
)

BRANDS = (
    Brand(handle="acme", name="Acme Broadband", team=CARE, pace=1.0),
    Brand(handle="acmeshop", name="Acme Shop", team=SHOP, pace=1.3),
    Brand(handle="acmebikes", name="Acme Bikes", team=CARE, pace=0.8),
)

# Whose sign-ins a newcomer is told, and what they are for.
SIGN_INS = ((ANA, "agent"), (MIA, "manager"), (ADA, "admin"))
