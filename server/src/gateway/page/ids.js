// Ids that the page makes itself: nonces of messages and the name of this tab as a device.

/// A UUIDv7: 48 bits of time, then random bits. Time-ordered nonces cost the server's index the least.
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/// This tab's device name. It lives as long as the tab does, so that two tabs of one user are two devices and a
/// reloaded tab is the same one.
export function deviceOfThisTab() {
  const key = "switchboard.device";
  let device = sessionStorage.getItem(key);
  if (!device) {
    device = `page-${uuid7().slice(-12)}`;
    sessionStorage.setItem(key, device);
  }
  return device;
}
