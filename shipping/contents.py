"""What goes into the packaged program and what stays out, as lists and two questions.

`build.spec` asks it, and the tests hold a built folder against it.
"""

from __future__ import annotations

import re
import sys
from typing import Final

SOURCES: Final = ("engine", "trader_gui")
"""Shipped as files with their byte code: the text of a strategy is stored with its sessions, and a
person may read what he trusts with money."""

METADATA: Final = ("numba", "numpy", "sqlalchemy", "ta-lib")
"""Distributions whose version the program asks for while it runs."""

FOR_STRATEGIES: Final = ("numpy", "pandas", "talib")
"""A person's own strategies may import all of these, whatever the program itself uses of them, and
all of Python's library."""

NEVER: Final = (
    # what makes the kernel's library, which is all of it that is needed afterwards
    *("numba", "llvmlite", "engine.core.just_in_time", "engine.core.part_compiler"),
    *("PyInstaller", "_pyinstaller_hooks_contrib", "altgraph", "numpy._pyinstaller"),
    # Python's own tools, windows and tests
    *("_tkinter", "ensurepip", "idlelib", "lib2to3", "pip", "test", "tkinter", "turtle", "nis"),
    *("turtledemo", "venv", "distutils", "setuptools", "pkg_resources", "antigravity", "this"),
    *("pydoc_data", "unittest.test", "ctypes.test", "sqlite3.test", "_testcapi", "xxlimited"),
    *("_testinternalcapi", "_testclinic", "_testbuffer", "_testmultiphase", "_testimportmultiple"),
    *("_ctypes_test", "xxlimited_35", "xxsubtype", "_xxtestfuzz", "readline"),
    # what libraries take along where it is installed
    *("IPython", "cython", "jinja2", "matplotlib", "pytest", "scipy", "uvloop", "winloop"),
    # messages are an extra of the program in its source, and find their services as files
    *("apprise", "markdown", "oauthlib", "requests_oauthlib"),
    # parts of libraries that nothing here asks for
    *("ccxt.test", "numpy.f2py", "numpy.tests", "numpy.distutils", "pandas.tests"),
    *("pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.jupyter", "pyqtgraph.flowchart"),
    *("pyqtgraph.canvas", "sqlalchemy.testing", "sqlalchemy.dialects.mssql"),
    *("sqlalchemy.dialects.mysql", "sqlalchemy.dialects.oracle", "alembic.testing"),
    *("pyarrow.tests", "pyarrow.flight", "pyarrow.interchange"),
    *("pyarrow.cffi", "pyarrow.cuda", "pyarrow.jvm", "pyarrow.substrait", "pyarrow.orc"),
    *(f"PySide6.{name}" for name in ("QtQml", "QtQuick")),
    *(f"PySide6.{name}" for name in ("QtDesigner", "QtHelp", "QtTest", "QtUiTools", "QtSql")),
    *(f"PySide6.{name}" for name in ("QtDBus", "QtPrintSupport", "QtConcurrent")),
)
"""Modules that are not packaged whatever imports them."""

_LEFT_OUT: Final = re.compile(
    r"""
      (^|/)(tests?|testing|examples|include|__pycache__)/
    | \.(pyx|pxd|pxi|pyi|c|h|hpp|cmake|a|lib|prl|qmltypes)$
    | ^PySide6/(Qt/)?(qml|metatypes|modules)/
    | ^PySide6/(Qt/)?translations/(?!qtbase_de\.qm$)
    | (^|/)plugins/(egldeviceintegrations|generic|networkinformation|position|printsupport
        |qmltooling|sqldrivers|tls|designer|help|sceneparsers)/
    | (^|/)plugins/platforms/libq(eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc|minimal)\b
    | (^|/)plugins/platformthemes/libqgtk3
    | (^|/)plugins/imageformats/(lib)?q(gif|icns|tga|tiff|wbmp|webp|pdf)
    | (^|/)(lib)?Qt6?(Qml|Quick|Designer|Help|Test|Sql|Pdf|VirtualKeyboard|Labs|EglF[Ss]
        |WaylandCompositor|PrintSupport)\w*
    | ^(pyarrow/)?lib(arrow_flight|arrow_python_flight|arrow_s3|arrow_gcs|arrow_azure)\.
    | ^pyarrow/_(flight|s3fs|gcsfs|azurefs|hdfs|cuda|orc|substrait|pyarrow_cpp_tests)\.
    | ^(pyarrow/)?libarrow_python\.so(\.\d+\.\d+\.\d+)?$  # twins
    | ^pyarrow/src/
    | ^(numba|llvmlite)/
    | (^|/)(direct_url\.json|RECORD|INSTALLER|REQUESTED|sboms/.*)$
    """,
    re.X,
)

_OF_THE_SYSTEM: Final = re.compile(
    r"""
      ^lib(X11|X11-xcb|Xau|Xdmcp|Xext|Xi|Xrender|Xfixes|Xrandr|Xcursor|Xcomposite|Xdamage|Xinerama
        |xcb|dbus-1|systemd|fontconfig|freetype|expat|glib-2\.0|gio-2\.0|gobject-2\.0|gmodule-2\.0
        |gthread-2\.0|gcrypt|gpg-error|cap|mount|blkid|selinux|pcre2-8|png16|brotlicommon|brotlidec
        |wayland-\w+|GL\w*|EGL|OpenGL|drm|gbm|bsd|md|lz4|harfbuzz|cairo\S*|pango\S*|pixman-1|fribidi
        |thai|datrie|graphite2|atk\S*|gdk\S*|jpeg|krb5\w*|k5crypto|gssapi_krb5|com_err|keyutils
        |tirpc|nsl|resolv|xkbcommon|xkbcommon-x11|stdc\+\+|gcc_s
        |xcb-(?!cursor|util|icccm|image|keysyms|render-util)[\w-]+)\.so[.\d]*$
    """,
    re.X,
)


def belongs(place: str) -> bool:
    """Whether a file collected for `place` in the folder goes in."""
    place = place.replace("\\", "/")
    return not _LEFT_OUT.search(place) and not _OF_THE_SYSTEM.search(place)


def library_of_python() -> list[str]:
    """The names of Python's own modules that a strategy may import."""
    return sorted(
        name
        for name in sys.stdlib_module_names
        if name not in NEVER and (not name.startswith("_") or name == "__future__")
    )
