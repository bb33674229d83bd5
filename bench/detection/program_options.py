"""Which programs a bench measures: options that all of them have."""

from pathlib import Path


def define(parser):
    parser.add_argument("--wsrace", type=Path, help="the program that is measured; a copy, if it is rebuilt")
    parser.add_argument("--tsan-wsrace", type=Path,
                        help="one built with ThreadSanitizer, for the server of two_threads")
    parser.add_argument("--page-only", action="store_true", help="measure nothing, write the page")


def complete(parser, options):
    """Ends the program if there is none of them; paths are absolute afterwards."""
    if options.wsrace is None and not options.page_only:
        parser.error("--wsrace is missing: which program? (after scripts/build.sh release wsrace: "
                     "build/release/harness/wsrace)")
    for program in filter(None, (options.wsrace, options.tsan_wsrace)):
        if not program.is_file():
            parser.error(f"{program}: no such program; scripts/build.sh makes it")
    options.wsrace = options.wsrace and options.wsrace.resolve()
    options.tsan_wsrace = options.tsan_wsrace and str(options.tsan_wsrace.resolve())
