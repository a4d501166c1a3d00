#!/bin/sh
# Whether the Java that Spark would start is one that it runs on.
# Exit codes: 0 it is, 1 it is not (one line says what and the remedy).
set -eu

remedy="install Java 17 (Debian and Ubuntu: apt-get install openjdk-17-jre-headless), or name it: JAVA_HOME=/path/to/java-17 make ..."
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if ! told=$("$java" -version 2>&1); then
    echo "Spark needs Java and $java does not run: $remedy" >&2
    exit 1
fi
version=$(echo "$told" | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
case $version in
    17 | 21) ;;
    *)
        echo "Spark needs Java 17 or 21 and $java is $(echo "$told" | head -n 1): $remedy" >&2
        exit 1
        ;;
esac
