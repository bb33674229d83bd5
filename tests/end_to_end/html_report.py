"""report.html in a browser: what it says, that each part can be used, and that it asks nobody anything."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from browser import CHROMIUM, Browser
from wsrace_process import EndToEnd, NO_THRESHOLDS, WSRACE, duration, main

SERVE = ["wsrace", "serve", "--port", "{port}", "--step-delay", "5ms"]
BLEED = [*SERVE, "--bug", "shared_manager"]
JOURNEY = ["login", "connect", "await_welcome", {"request": {"text": "hello {canary}"}}, "await_events",
           "close"]
SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def conversation(name, command, **changes):
    return {"name": name, "target": {"server": {"command": command}},
            "users": {"count": 12, "arrival": {"pattern": "ramp", "over": "60ms"}}, "journey": JOURNEY,
            "deadlines": {"event_gap": duration(500), "run": duration(1500), "total": duration(20000)},
            "thresholds": NO_THRESHOLDS, **changes}


class Pages(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()

    def tearDown(self):
        super().tearDown()
        problems, self.browser.problems = self.browser.problems, []
        self.assertEqual(problems, [])

    def open(self, folder, **size):
        self.browser.open(folder / "report.html", **size)
        self.assertEqual(self.browser.problems, [])
        return self.browser

    def settle(self):
        self.browser.value(SETTLED)

    def assert_fits(self, width):
        """No part of the page is wider than the screen."""
        self.assertEqual(self.browser.value("document.documentElement.clientWidth"), width)
        self.assertEqual(self.browser.value("document.documentElement.scrollWidth"), width)

    def drawn_charts(self):
        """How many charts have pixels in them."""
        return self.browser.value("""[...document.querySelectorAll('canvas')].filter(one =>
            one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some(byte => byte > 0)
        ).length""")


class Passing(Pages):
    def test_a_passing_run_has_its_verdict_its_service_levels_and_its_charts(self):
        finished = self.run_scenario("golden_path", "--users", "20")
        self.assert_status(finished, 0)
        page = self.open(finished.folder)
        self.assertIn("PASS", page.text("h1").upper())
        self.assertIn("No violation found", page.text(".summary"))
        self.assertEqual(page.count("#levels .card.pass") + page.count("#levels .card.inconclusive"), 5)
        self.assertIn("None", page.text("#violations"))
        self.assertEqual(page.count("svg.lanes"), 0)
        self.assertGreaterEqual(page.count("canvas"), 4)
        self.assertEqual(self.drawn_charts(), page.count("canvas"))
        self.assertIn("wsrace run golden_path", page.text("#repeat"))
        self.assertIn("golden_path", page.text("#plan"))
        self.assert_fits(1280)

    def test_the_same_page_is_rendered_again_from_the_folder(self):
        finished = self.run_scenario(conversation("again", SERVE))
        page = finished.read("report.html")
        (finished.folder / "report.html").unlink()
        self.assert_status(self.call("report", finished.folder, "--format", "html"), 0)
        self.assertEqual(finished.read("report.html"), page)


class Failing(Pages):
    """One run in which data reaches the wrong user, looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept = Path(tempfile.mkdtemp(prefix="wsrace-html-"))  # for all tests: it is not played for each
        cls.failed = None

    def setUp(self):
        super().setUp()
        if Failing.failed is None:
            Failing.failed = self.run_scenario(conversation("bleed", SERVE), "--server",
                                               " ".join(BLEED))
            Failing.failed.folder = Path(shutil.copytree(Failing.failed.folder, self.kept / "run"))
        self.assert_status(self.failed, 1)
        self.page = self.open(self.failed.folder)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.kept, ignore_errors=True)
        super().tearDownClass()

    def test_it_names_who_got_whose_event_after_what_and_how_to_repeat_it(self):
        story = self.page.text("details.group .story")
        told = re.search(r"user (\d+), connection 0 asked \(request 0\) at [\d.]+ s; [\d.]+ \S+ later \w+ "
                         r"with its data arrived at user (\d+), connection 0", story)
        self.assertTrue(told, story)
        self.assertNotEqual(told[1], told[2])
        messages = self.failed.messages("isolation")
        named = f"user {told[2]}, connection 0 received .* with the canary of user {told[1]}"
        self.assertTrue(any(re.search(named, one) for one in messages), messages)
        self.assertRegex(story, f"Expected: only data of user {told[2]} on its connections")
        self.assertRegex(story, r"After what:\s+[\d.]+ \S+ before\s+user \d+, connection 0 connected|asked")
        titles = self.page.value("[...document.querySelectorAll('.lane_title')].map(one => one.textContent)")
        for user, part in ((told[1], "whose data it was"), (told[2], "where it happened")):
            self.assertIn(f"user {user}, connection 0{part}", titles)
        self.assertEqual(self.page.count("svg.lanes .arrow"), 1)
        self.assertIn("--bug shared_manager", self.page.text("details.group .command"))
        self.assertIn("isolation: canary of another user", self.page.text(".failures"))
        self.assertRegex(self.page.text("ol.events .is_proof"), "foreign canary")

    def test_a_command_is_copied(self):
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self.page.ask("Browser.grantPermissions", permissions=permissions)
        wanted = self.page.value("document.querySelector('#repeat .command code').textContent")
        for without in ("", "Object.defineProperty(navigator, 'clipboard', {value: undefined})"):
            self.page.value(f"window.copied = null; {without}; "
                            "document.addEventListener('copy', () => { window.copied = "
                            "String(getSelection()) || document.activeElement.value; })")
            self.page.click("#repeat .command .copy")
            self.page.value("new Promise(done => { const look = () => document.querySelector('#repeat .copy')"
                            ".textContent === 'Copied' ? done() : requestAnimationFrame(look); look(); })")
            got = self.page.value("window.copied ?? navigator.clipboard?.readText()")
            self.assertEqual(got, wanted)

    def test_groups_and_lanes_unfold_and_fold(self):
        groups = self.page.count("details.group")
        self.assertGreater(groups, 1)
        self.assertEqual(self.page.count("details.group[open]"), 1)
        self.page.click("details.group:not([open]) > summary")
        self.settle()
        self.assertEqual(self.page.count("details.group[open]"), 2)
        self.assertEqual(self.page.count("details.group[open] .story"), 2)
        lanes = self.page.count("svg.lanes .lane_title")
        self.page.click("button.nearby")
        self.settle()
        self.assertGreater(self.page.count("svg.lanes .lane_title"), lanes)
        self.page.click("button.nearby")
        self.settle()
        self.assertEqual(self.page.count("svg.lanes .lane_title"), lanes)
        rows = self.page.count("ol.events li")
        self.page.click("button.list_all")
        self.assertGreater(self.page.count("ol.events li"), rows)
        self.page.click("button.list_all")
        self.assertEqual(self.page.count("ol.events li"), rows)
        self.page.click("details.group[open] > summary")
        self.settle()
        self.assertEqual(self.page.count("details.group[open]"), 1)

    def test_another_example_and_another_distribution_can_be_chosen(self):
        story = self.page.text("details.group .story")
        self.page.click("details.group .toolbar button[aria-pressed=false]")
        self.settle()
        self.assertNotEqual(self.page.text("details.group .story"), story)
        label = "document.querySelector('#latencies .chart:last-of-type canvas').getAttribute('aria-label')"
        before = self.page.value(label)
        self.page.click("#latencies .toolbar button[aria-pressed=false]")
        self.settle()
        self.assertEqual(self.page.count("#latencies .toolbar button[aria-pressed=true]"), 1)
        self.assertEqual(self.drawn_charts(), self.page.count("canvas"))
        self.assertTrue(before)

    def test_a_frame_shows_its_content_when_it_is_pointed_at_or_tapped(self):
        detail = "details.group .detail"
        at_first = self.page.text(detail)
        self.assertIn('"type":', at_first, "the frame that proves it is shown from the start")
        self.page.point_at("svg.lanes .owner .mark .asks")
        self.settle()
        pointed = self.page.text(detail)
        self.assertIn("request sent", pointed)
        self.page.point_at("h1")
        self.settle()
        self.assertEqual(self.page.text(detail), at_first, "what was chosen is shown again")
        self.page.tap("svg.lanes .owner .mark .asks")
        self.settle()
        self.page.point_at("h1")
        self.settle()
        self.assertEqual(self.page.text(detail), pointed, "what was tapped stays")
        self.page.click("ol.events .is_proof")
        self.settle()
        self.assertEqual(self.page.text(detail), at_first)

    def test_it_can_be_used_with_the_keyboard_alone(self):
        self.page.value("document.querySelector('details.group > summary').focus()")
        self.page.press("Enter")
        self.settle()
        self.assertEqual(self.page.count("details.group[open]"), 0)
        self.page.press("Enter")
        self.settle()
        for _ in range(40):
            self.page.press("Tab")
            if self.page.value("document.activeElement.className === 'picture'"):
                break
        else:
            self.fail("the lanes cannot be reached with the tabulator")
        shown = [self.page.text("details.group .detail")]
        for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
            self.page.press(key)
            self.settle()
            shown.append(self.page.text("details.group .detail"))
        self.assertGreaterEqual(len(set(shown)), 4, shown)
        ticks = "[...document.querySelectorAll('.tick_text')].map(one => one.textContent).join()"
        self.page.press("0")
        seen = [self.page.value(ticks)]
        for key in ("+", "+", "-", "-", "-"):
            self.page.press(key)
            seen.append(self.page.value(ticks))
        self.assertEqual(len(set(seen)), 4, seen)  # two nearer, back, one farther
        self.page.press("0")
        self.assertEqual(self.page.value(ticks), seen[0])

    def test_the_time_that_is_shown_can_be_chosen(self):
        ticks = "[...document.querySelectorAll('.tick_text')].map(one => one.textContent).join()"
        moment = self.page.value(ticks)
        for title in ("Zoom out", "Zoom in", "Earlier", "Later", "Show all events of these lanes"):
            before = self.page.value(ticks)
            self.page.click(f"button[title='{title}']")
            self.assertNotEqual(self.page.value(ticks), before, title)
        self.page.click("button[title='Show the moment of the violation']")
        self.assertEqual(self.page.value(ticks), moment)

    def test_light_and_dark_can_be_chosen_and_follow_the_system_otherwise(self):
        back = "getComputedStyle(document.body).backgroundColor"
        self.page.media(prefers_color_scheme="light")
        self.settle()
        light = self.page.value(back)
        self.page.media(prefers_color_scheme="dark")
        self.settle()
        dark = self.page.value(back)
        self.assertNotEqual(light, dark)
        seen = []
        for _ in range(3):
            self.page.click("#theme")
            seen.append((self.page.text("#theme"), self.page.value(back)))
        self.page.media(prefers_color_scheme="light")
        self.assertEqual(seen, [("Theme: light", light), ("Theme: dark", dark), ("Theme: system", dark)])
        self.assertEqual(self.drawn_charts(), self.page.count("canvas"))

    def test_on_a_phone_nothing_is_wider_than_the_screen(self):
        self.page.resize(390, 844, phone=True)
        self.open(self.failed.folder, width=390, height=844)
        self.assert_fits(390)
        self.page.click("button[title='Show all events of these lanes']")
        self.page.click("button.list_all")
        self.settle()
        self.assert_fits(390)
        self.assertEqual(self.drawn_charts(), self.page.count("canvas"))

    def test_it_is_printed_with_all_its_groups_open(self):
        printed = self.folder / "printed.pdf"
        self.page.printed(printed)
        self.assertTrue(printed.read_bytes().startswith(b"%PDF"))
        self.assertEqual(self.page.count("details.group[open]"), self.page.count("details.group"))


class Hostile(Pages):
    def test_what_the_target_says_is_shown_and_does_nothing(self):
        words = ('</script><img src=x onerror="window.pwned=1"><script>window.pwned=1</script> '
                 "Traceback (most recent call last):")
        shell = 'echo "$2" >&2; exec "$0" serve --port "$1"'
        scenario = conversation("hostile", ["sh", "-c", shell, WSRACE, "{port}", words])
        finished = self.run_scenario(scenario)
        self.assert_found(finished, "server_log", "Traceback")
        page = self.open(finished.folder)
        self.assertEqual(page.count("img"), 0)
        self.assertIsNone(page.value("window.pwned ?? null"))
        self.assertIn("<img src=x onerror=", page.text("#violations"))


class Searches(Pages):
    def test_a_hunt_has_its_failures_its_coverage_and_its_strategies(self):
        out = self.folder / "hunt"
        finished = self.call("hunt", self.write(conversation("hunted", BLEED)), "--budget", "4s",
                             "--no-shrink", "--seed", "1", "--out", out)
        self.assert_status(finished, 1)
        page = self.open(out)
        self.assertIn("FAIL", page.text("h1").upper())
        self.assertIn("isolation", page.text("#violations"))
        self.assertGreater(page.count("#coverage .heat_map td"), 8)
        self.assertGreater(page.count("#coverage .heat_1, #coverage .heat_2, #coverage .heat_3"), 0)
        self.assertEqual(self.drawn_charts(), 1)
        self.assertIn("wsrace hunt", page.text("#repeat"))
        self.assert_fits(1280)

    def test_a_search_for_the_cold_start_window_has_its_strip(self):
        out = self.folder / "cold"
        command = ["wsrace", "serve", "--port", "{port}", "--cold-start", "200ms",
                   "--bug", "accept_before_supervisor"]
        scenario = conversation("cold", command, users={"count": 4})
        self.call("coldstart", self.write(scenario), "--boots", "4", "--seed", "1", "--offsets", "0..400ms",
                  "--out", out)
        page = self.open(out)
        self.assertGreater(page.count(".strip .cell"), 10)
        self.assertGreater(page.count(".strip .cell.fail"), 0)
        self.assertEqual(self.drawn_charts(), 1)
        self.assertIn("wsrace coldstart", page.text("#repeat"))
        self.assert_fits(1280)


if __name__ == "__main__":
    if CHROMIUM is None:
        print("html_report: nothing was tried, no Chromium is installed (scripts/setup.sh --all does so)",
              file=sys.stderr)
        sys.exit(77)
    main()
