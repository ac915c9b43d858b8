#!/bin/sh
# Signs dist/Trader.app, has it notarised and puts it into a disk image. On macOS, after
# `python3 run.py build`, from the root of the sources:
#   SIGN_AS="Developer ID Application: ..." NOTARY_PROFILE=trader sh resources/installer/macos.sh
# The profile is stored once with `xcrun notarytool store-credentials`. Without SIGN_AS the image is
# signed for this computer only and another one will refuse to open it.
set -eu

VERSION="0.1.0"
APP="dist/Trader.app"
IMAGE="dist/trader-gui-$VERSION.dmg"
ENTITLEMENTS="resources/installer/macos.entitlements"
SIGN_AS="${SIGN_AS:--}"

# From the inside out: libraries first, because the bundle's seal covers them.
find "$APP/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) \
    -exec codesign --force --timestamp --options runtime --sign "$SIGN_AS" {} +
find "$APP/Contents/Frameworks" -type d -name '*.framework' -prune \
    -exec codesign --force --timestamp --options runtime --sign "$SIGN_AS" {} +
for SIGNED in "$APP/Contents/MacOS/trader-engine" "$APP"; do
    codesign --force --timestamp --options runtime --entitlements "$ENTITLEMENTS" \
        --sign "$SIGN_AS" "$SIGNED"
done
codesign --verify --deep --strict "$APP"

STAGE="$(mktemp -d)"
trap 'rm -rf "$STAGE"' EXIT
cp -R "$APP" "$STAGE/"
ln -s /Applications "$STAGE/Applications"
rm -f "$IMAGE"
hdiutil create -volname Trader -srcfolder "$STAGE" -format ULFO "$IMAGE"

if [ "$SIGN_AS" != "-" ]; then
    codesign --timestamp --sign "$SIGN_AS" "$IMAGE"
    xcrun notarytool submit "$IMAGE" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$IMAGE"
    spctl --assess --type open --context context:primary-signature "$IMAGE"
fi
