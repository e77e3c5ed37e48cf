"""The story: who the customers are, what they run, and what they paid in.

Some grow, one is new, one trained a model on four GPUs for three days and shows it, one runs low and one ran dry.
"""

from fogbank.simulate.demo.model import Customer, Machines, Person
from fogbank.simulate.model import Kind

DAYS = 30
PERIOD_SECONDS = 300
NODES = 2

HALDEN = Customer(
    slug="halden",
    name="Halden Robotics",
    people=(
        Person("Ingrid Solheim", "ingrid", "owner"),
        Person("Tomás Rey", "tomas", "admin"),
        Person("Aino Lehtinen", "aino", "billing"),
    ),
    machines=(
        Machines("console", Kind.WEB, 2, 4, 40, count=3),
        Machines("telemetry-db", Kind.DATABASE, 8, 32, 640, count=2),
        Machines("ingest", Kind.WORKER, 4, 8, 80, count=4),
        Machines("replay", Kind.WORKER, 4, 8, 80, count=3, from_day=11),
        Machines("nightly-build", Kind.NIGHTLY, 8, 16, 160, count=2),
        Machines("sandbox", Kind.IDLE, 1, 2, 20, count=2),
        Machines("cad", Kind.DESKTOP, 16, 32, 160, count=4),
        Machines("grasp-training", Kind.GPU, 16, 64, 1_280, gpus=4, from_day=20.35, until_day=23.4),
    ),
    deposit_credits=2_600,
    gift_credits=100,
)

CUSTOMERS = (
    HALDEN,
    Customer(
        slug="marguerite",
        name="Marguerite Foods",
        people=(Person("Claire Delmas", "claire", "owner"), Person("Yusuf Demir", "yusuf")),
        machines=(
            Machines("shop", Kind.WEB, 4, 8, 40, count=3),
            Machines("shop-extra", Kind.WEB, 4, 8, 40, count=3, from_day=16),
            Machines("orders-db", Kind.DATABASE, 4, 16, 320, count=2),
            Machines("mailer", Kind.WORKER, 1, 2, 20),
            Machines("staging", Kind.IDLE, 2, 4, 40),
        ),
        deposit_credits=900,
        peak_hour=17.5,
        shows="doubled its shop in the third week",
    ),
    Customer(
        slug="osprey",
        name="Osprey Maps",
        people=(Person("Hamish Kerr", "hamish", "owner"), Person("Lotte Brandt", "lotte", "admin")),
        machines=(
            Machines("tiles", Kind.WEB, 8, 16, 320, count=6),
            Machines("geocoder", Kind.DATABASE, 8, 64, 640, count=2),
            Machines("import", Kind.NIGHTLY, 16, 64, 1_280),
        ),
        deposit_credits=2_500,
        peak_hour=12.0,
    ),
    Customer(
        slug="kestrel-lowe",
        name="Kestrel & Lowe",
        people=(Person("Beatrice Lowe", "beatrice", "owner"), Person("Samuel Kestrel", "samuel", "billing")),
        machines=(
            Machines("desktop", Kind.DESKTOP, 2, 8, 80, count=12),
            Machines("files", Kind.DATABASE, 2, 4, 640),
        ),
        deposit_credits=500,
        peak_hour=11.0,
    ),
    Customer(
        slug="tidewater",
        name="Tidewater Clinics",
        people=(Person("Dr Amara Nwosu", "amara", "owner"), Person("Peter Vanek", "peter", "admin")),
        machines=(
            Machines("records-db", Kind.DATABASE, 8, 32, 1_280, count=2),
            Machines("booking", Kind.WEB, 2, 4, 40, count=2),
            Machines("imaging", Kind.WORKER, 4, 16, 640, count=2),
            Machines("backup", Kind.NIGHTLY, 2, 4, 1_280),
        ),
        deposit_credits=1_200,
        peak_hour=10.0,
    ),
    Customer(
        slug="lumen",
        name="Lumen Press",
        people=(Person("Noor Haddad", "noor", "owner"), Person("Giulia Conti", "giulia")),
        machines=(
            Machines("front", Kind.WEB, 4, 8, 80, count=5),
            Machines("articles-db", Kind.DATABASE, 4, 16, 320, count=2),
            Machines("search", Kind.DATABASE, 4, 32, 320),
            Machines("thumbnails", Kind.WORKER, 2, 4, 40, count=2),
        ),
        deposit_credits=1_000,
        gift_credits=50,
        peak_hour=7.5,
    ),
    Customer(
        slug="ferrous",
        name="Ferrous Games",
        people=(Person("Mika Aalto", "mika", "owner"), Person("Jo Park", "jo", "admin")),
        machines=(
            Machines("arena", Kind.WEB, 8, 16, 80, count=4),
            Machines("arena-weekend", Kind.WEB, 8, 16, 80, count=3, from_day=13),
            Machines("lobby-db", Kind.DATABASE, 4, 16, 160),
            Machines("patches", Kind.WORKER, 2, 4, 320),
        ),
        deposit_credits=1_300,
        peak_hour=20.0,
    ),
    Customer(
        slug="nadir",
        name="Nadir Weather",
        people=(Person("Sigrún Ólafsdóttir", "sigrun", "owner"), Person("Elena Petrova", "elena")),
        machines=(
            Machines("forecast", Kind.NIGHTLY, 32, 64, 640, count=4),
            Machines("stations-db", Kind.DATABASE, 4, 16, 640),
            Machines("api", Kind.WEB, 2, 4, 40, count=3),
            Machines("radar-gpu", Kind.GPU, 8, 32, 320, gpus=1, from_day=6),
        ),
        deposit_credits=3_000,
        peak_hour=3.0,
    ),
    Customer(
        slug="papertrail",
        name="Papertrail Studio",
        people=(Person("Maya Lindqvist", "maya", "owner"),),
        machines=(
            Machines("site", Kind.WEB, 1, 2, 20, count=3),
            Machines("drafts", Kind.DESKTOP, 4, 16, 160, count=2),
        ),
        deposit_credits=160,
        peak_hour=15.0,
        shows="runs low: about two days are left",
    ),
    Customer(
        slug="solstice",
        name="Solstice Energy",
        people=(Person("Andrés Molina", "andres", "owner"), Person("Freya Holm", "freya", "billing")),
        machines=(
            Machines("meter-reader", Kind.WORKER, 2, 4, 40, count=6, from_day=12),
            Machines("grid-model", Kind.WORKER, 16, 64, 320, count=2, from_day=14.5),
            Machines("grid-db", Kind.DATABASE, 4, 16, 320, from_day=12),
        ),
        deposit_credits=800,
        gift_credits=200,
        peak_hour=12.5,
        shows="joined on the thirteenth day",
    ),
    Customer(
        slug="brightside",
        name="Brightside School",
        people=(Person("Oluwaseun Bello", "seun", "owner"), Person("Hannah Weiss", "hannah")),
        machines=(
            Machines("classroom", Kind.DESKTOP, 2, 4, 40, count=14),
            Machines("gradebook", Kind.WEB, 1, 2, 20),
        ),
        deposit_credits=300,
        gift_credits=100,
        peak_hour=9.5,
    ),
    Customer(
        slug="quill",
        name="Quill Analytics",
        people=(Person("Ravi Menon", "ravi", "owner"), Person("Chloé Fabre", "chloe", "billing")),
        machines=(
            Machines("notebook", Kind.DESKTOP, 8, 32, 160, count=3),
            Machines("warehouse", Kind.DATABASE, 16, 128, 1_280),
            Machines("etl", Kind.NIGHTLY, 8, 16, 160, count=2),
        ),
        deposit_credits=880,
        peak_hour=14.0,
        shows="ran dry, and owes a little",
    ),
    Customer(
        slug="ines",
        name="Inês Carvalho",
        people=(Person("Inês Carvalho", "ines"),),
        machines=(Machines("portfolio", Kind.WEB, 1, 1, 10), Machines("render", Kind.DESKTOP, 4, 16, 80)),
        deposit_credits=80,
        peak_hour=16.0,
        is_person=True,
        shows="one person, without an organisation",
    ),
)
