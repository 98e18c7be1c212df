import { seededRandom } from "../server/random.ts";
import type { Device } from "../shared/types.ts";

const DAY = 86_400_000;
const KINDS: readonly (readonly [name: string, system: string])[] = [
	["Laptop", "macOS 26"],
	["Phone", "Android 17"],
	["Desktop", "Windows 11"],
	["Tablet", "iPadOS 26"],
	["Workstation", "Debian 13"],
];

/**
 * The devices that a person has signed in with: made up, and the same for the same person on the
 * same day.
 *
 * @param sub Whose.
 * @param now Milliseconds since the epoch.
 */
export function devicesOf(sub: string, now: number): Device[] {
	const seed = [...sub].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
	const random = seededRandom(seed);
	const midnight = Math.floor(now / DAY) * DAY;
	let daysAgo = 0;
	return [0, 1, 2].map((i) => {
		const [name, system] = KINDS[(seed + i * 2) % KINDS.length] as (typeof KINDS)[number];
		daysAgo += 1 + Math.floor(random() * 6);
		// By day, between seven and nineteen.
		const lastSeen = new Date(midnight - daysAgo * DAY + Math.floor(420 + random() * 720) * 60_000);
		return { name, system, lastSeen: lastSeen.toISOString(), isTrusted: i < 2 };
	});
}
