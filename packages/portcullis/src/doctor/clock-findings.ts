import { type Finding, fail, ok, skipped, warn } from "./finding.ts";
import type { Subject } from "./subject.ts";

/** How far the provider's clock is ahead of this one, in seconds; negative: behind. */
export type ClockReading = { readonly ahead: number };

/** A difference that is worth a warning, though it breaks no login yet. Seconds. */
const NOTABLE = 10;

/**
 * Reads the clock of the server that has answered (RFC 9110 section 6.6.1). What a cache has kept
 * is as old as its `Age` says.
 *
 * @param sentAt Milliseconds since the epoch, like `receivedAt`. The answer was made somewhere in
 *   between.
 */
export function readClock(
	response: Response,
	sentAt: number,
	receivedAt: number,
): ClockReading | undefined {
	const date = Date.parse(response.headers.get("date") ?? "");
	const age = Number(response.headers.get("age") ?? 0);
	if (Number.isNaN(date) || !Number.isFinite(age)) return undefined;
	const theirs = date / 1000 + Math.max(0, age);
	const [earliest, latest] = [sentAt / 1000, receivedAt / 1000];
	// `Date` counts whole seconds and has dropped the rest.
	const ahead =
		theirs > latest ? theirs - latest : theirs + 1 < earliest ? theirs + 1 - earliest : 0;
	return { ahead: Math.round(ahead) };
}

/**
 * Whether ID tokens will be valid here: they are not, before they were issued and after they have
 * ended.
 */
export function examineClock(
	{ provider, clockTolerance }: Subject,
	reading: ClockReading | undefined,
): Finding {
	const by = { provider: provider.name };
	if (reading === undefined)
		return skipped("clock", {
			...by,
			title: "The provider's clock is not known",
			cause: "Its answers have no usable Date header",
		});
	const { ahead } = reading;
	const distance = inWords(Math.abs(ahead));
	const title =
		ahead === 0
			? "This clock and the provider's agree"
			: `This clock is ${distance} ${ahead > 0 ? "behind" : "ahead"}`;
	if (Math.abs(ahead) <= NOTABLE) return ok("clock", title, by);
	const cause = `The provider's clock is ${distance} ${ahead > 0 ? "ahead of" : "behind"} this machine's`;
	const fix =
		"Set this machine's clock by NTP. If it is right, the provider's is wrong: tell its administrator. clockTolerance can be at most 300 seconds.";
	if (Math.abs(ahead) <= clockTolerance) return warn("clock", { ...by, title, cause, fix });
	return fail("clock", {
		...by,
		title,
		cause: `${cause}, more than the ${clockTolerance} seconds of clockTolerance`,
		fix,
	});
}

function inWords(seconds: number): string {
	return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}
