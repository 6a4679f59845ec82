# Read by run, test and khlong. khlong_find sets $python to an interpreter that Khlong can use, or explains
# in one line why there is none and returns 2. POSIX sh.

khlong_probe() {
    "$1" -E -c 'import sys
try:
    import ensurepip, venv
    whole = "whole"
except ImportError:
    whole = "partial"
print("%d.%d.%d %s" % (sys.version_info[0], sys.version_info[1], sys.version_info[2], whole))' 2>/dev/null </dev/null
}

# An interpreter that can make environments is taken at once; one that cannot only when there is no other.
khlong_try() {
    khlong_answer=$(khlong_probe "$1") || return 1
    case $khlong_answer in
        3.1[123].*" whole") python=$1; return 0 ;;
        3.1[123].*" partial") [ -n "$khlong_partial" ] || khlong_partial=$1; return 1 ;;
        '') return 1 ;;
    esac
    case ", $khlong_found" in
        *", $1 ("*) ;;
        *) khlong_found="${khlong_found:+$khlong_found, }$1 (${khlong_answer%% *})" ;;
    esac
    return 1
}

khlong_places() {
    for khlong_version in 3.13 3.12 3.11; do
        for khlong_place in \
            "/usr/local/bin/python$khlong_version" \
            "/usr/bin/python$khlong_version" \
            "/opt/homebrew/bin/python$khlong_version" \
            "/Library/Frameworks/Python.framework/Versions/$khlong_version/bin/python3" \
            "${HOME:-/nonexistent}/.pyenv/versions/$khlong_version".*/bin/python3 \
            "${HOME:-/nonexistent}/.local/share/uv/python/cpython-$khlong_version".*/bin/python3 \
            /opt/python/"$khlong_version"*/bin/python3
        do
            [ -x "$khlong_place" ] && khlong_try "$khlong_place" && return 0
        done
    done
    return 1
}

khlong_refuse() {
    printf '%s\n' "khlong: ต้องใช้ Python 3.11, 3.12 หรือ 3.13 · needs Python 3.11, 3.12 or 3.13; พบ · found: ${khlong_found:-none}. ติดตั้งแล้วสั่งใหม่ หรือระบุ · Install one, or set KHLONG_PYTHON=/path/to/python3" >&2
    return 2
}

# $1: the folder of the project.
khlong_find() {
    python='' khlong_found='' khlong_partial=''
    if [ -n "${KHLONG_PYTHON:-}" ]; then
        khlong_try "$KHLONG_PYTHON" && return 0
        python=$khlong_partial
        [ -n "$python" ] && return 0
        khlong_found=${khlong_found:-"KHLONG_PYTHON=$KHLONG_PYTHON (does not run)"}
        khlong_refuse
        return 2
    fi
    khlong_try "${KHLONG_VENV:-$1/.venv}/bin/python" && return 0
    khlong_found=''
    for khlong_name in python3.13 python3.12 python3.11 python3; do
        khlong_try "$khlong_name" && return 0
    done
    khlong_places && return 0
    python=$khlong_partial
    [ -n "$python" ] || khlong_refuse
}
