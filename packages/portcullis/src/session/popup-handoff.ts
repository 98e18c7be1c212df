import type { KeyRing } from "../crypto/key-ring.ts";
import type { LoginResult } from "../protocol/types.ts";

/** A popup handoff is claimed within a minute, or never. Seconds. */
export const HANDOFF_LIFETIME = 60;
/** Clocks of replicas may differ by so much. Seconds. */
const REPLICA_SKEW = 5;

/** A completed login on its way from a popup to the window that opened it. */
export interface PopupHandoff {
	/** `CookieNames.binding` of the provider that it was completed with. */
	readonly binding: string;
	readonly login: LoginResult;
	/** Where the person goes: a path of the app's own origin, already checked. */
	readonly returnTo: string;
	/** When the login came back: `IssueFor.began`. Not in those of former versions. */
	readonly began?: number;
	/** Seconds since the epoch. */
	readonly sealedAt: number;
}

/** What a popup handoff is bound to: it does not open for a request with other values. */
export interface PopupHandoffBinding {
	/** SHA-256 of the verifier that the opener has. */
	readonly challenge: string;
	/** Origins of the pages above the opener. */
	readonly ancestors: readonly string[];
	/** The app's own. */
	readonly origin: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export async function sealPopupHandoff(
	ring: KeyRing,
	handoff: PopupHandoff,
	binding: PopupHandoffBinding,
): Promise<string> {
	return ring.seal("handoff", encoder.encode(JSON.stringify(handoff)), contextOf(binding));
}

/**
 * `undefined` for anything but a popup handoff with this binding that was sealed within the last
 * minute.
 */
export async function openPopupHandoff(
	ring: KeyRing,
	text: string,
	binding: PopupHandoffBinding,
	now: number,
): Promise<PopupHandoff | undefined> {
	const bytes = await ring.open("handoff", text, contextOf(binding));
	if (!bytes) return undefined;
	const handoff = JSON.parse(decoder.decode(bytes)) as PopupHandoff;
	const age = now - handoff.sealedAt;
	return age >= -REPLICA_SKEW && age <= HANDOFF_LIFETIME ? handoff : undefined; // proven: old-handoff, future-handoff
}

/** The challenge of a verifier: SHA-256, base64url. `undefined` for what is no verifier. */
export async function challengeOf(verifier: string): Promise<string | undefined> {
	if (!isChallenge(verifier)) return undefined;
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(verifier)));
	const text = btoa(String.fromCharCode(...digest));
	return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** True for 32 bytes in base64url: a verifier looks like its challenge. */
export function isChallenge(text: unknown): text is string {
	return typeof text === "string" && /^[A-Za-z0-9_-]{43}$/.test(text); // proven: any-verifier
}

function contextOf({ challenge, ancestors, origin }: PopupHandoffBinding): string {
	return JSON.stringify([challenge, ancestors, origin]); // proven: unbound-handoff
}
