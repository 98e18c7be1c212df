import type { Core } from "./core.ts";
import { type DraftValue, fill, noteSecrets, readDrafts } from "./draft-fields.ts";
import type { Platform } from "./platform.ts";

/** What was typed is given back within this time, and forgotten after it. Milliseconds. */
const DRAFT_TTL = 600_000;
/**
 * Fields that appear within this time are filled as well: they may come with values that are
 * fetched. Milliseconds.
 */
const FILL_FOR = 30_000;
/** Events by which a person enters something. */
const ENTERED = /input|change/;
/** Characters of it all. */
const MAX_LENGTH = 200_000;

/** What a tab keeps while its person signs in again. */
interface Kept {
	/** Hash of provider and `sub`. */
	readonly person: string;
	/** Path and query. */
	readonly page: string;
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly values: readonly DraftValue[];
}

interface Owner {
	readonly person: string;
	/** There a moment later. */
	hash?: string;
	/** Milliseconds since the epoch. */
	expiresAt: number;
}

/** Carries what was typed over the end of a session that cannot be refreshed. */
export interface Drafts {
	/**
	 * Looks who is there now: keeps what was typed if the session has ended, and gives it back to the
	 * same person.
	 */
	look(): void;
}

/**
 * What stands in the fields of the page when the session has ended by itself stays in this tab, for
 * ten minutes: until the same person is back on the same page, once, or another person signs in
 * here. A logout keeps nothing. The pages of the logout throw away what was kept when this page was
 * left, and after one elsewhere the server does not say that the session has ended by itself.
 *
 * @param name In the storage of the tab.
 */
export function createDrafts(
	core: Core,
	platform: Platform,
	name: string,
	signal: AbortSignal,
): Drafts {
	const { storage } = platform;
	const edited = new WeakSet<Element>();
	const secrets = new Set<string>();
	/** Whose session it is, or was until a moment ago. */
	let owner: Owner | undefined;
	let forgetting: ReturnType<typeof setTimeout> | undefined;

	const page = () => {
		const { pathname, search } = new URL(platform.href());
		return pathname + search;
	};

	const forget = () => {
		clearTimeout(forgetting);
		storage?.setItem(name, "");
	};

	const forgetAt = (time: number) => {
		clearTimeout(forgetting);
		forgetting = setTimeout(forget, time - Date.now());
	};

	const keep = ({ hash }: Owner) => {
		const values = readDrafts(edited, secrets);
		const kept = { person: hash, page: page(), at: Date.now(), values };
		const text = JSON.stringify(kept);
		owner = undefined;
		if (!hash || values.length === 0 || text.length > MAX_LENGTH) return;
		try {
			storage?.setItem(name, text);
		} catch {
			// Full: then it is lost.
		}
		forgetAt(kept.at + DRAFT_TTL);
	};

	const giveBack = (hash: string) => {
		const kept = parse(storage?.getItem(name));
		if (!kept) return;
		const age = Date.now() - kept.at;
		const isTheirs = kept.person === hash && age >= 0 && age < DRAFT_TTL;
		if (isTheirs && kept.page !== page()) return;
		forget();
		if (isTheirs) fillInTime(kept.values, () => owner?.hash === hash && page() === kept.page);
	};

	/** Fills what is there, and what comes for a while after. */
	const fillInTime = (values: readonly DraftValue[], isStill: () => boolean) => {
		let left = values;
		const step = () => {
			left = isStill() ? fill(left, edited, secrets) : [];
			if (left.length === 0) observer.disconnect();
		};
		const stop = () => {
			left = [];
			observer.disconnect();
		};
		const observer = new MutationObserver(step);
		observer.observe(document, { childList: true, subtree: true });
		setTimeout(stop, FILL_FOR);
		signal.addEventListener("abort", stop);
		step();
	};

	const look = () => {
		const { session, person = "" } = core;
		if (session?.signedIn) {
			const expiresAt = session.expiresAt * 1000;
			if (owner?.person === person) {
				owner.expiresAt = expiresAt;
				return;
			}
			const current: Owner = { person, expiresAt };
			owner = current;
			void hashOf(person).then((hash) => {
				if (owner !== current) return;
				current.hash = hash;
				giveBack(hash);
			});
		} else if (session?.expired) {
			if (owner) keep(owner);
		} else if (session) {
			// The person has signed out, here or elsewhere: nothing is kept.
			owner = undefined;
			forget();
		}
	};

	// Before the page hears of it: a click or a key may be what shows a password.
	const note = ({ type, target }: Event) => {
		noteSecrets(secrets);
		if (ENTERED.test(type)) edited.add(target as Element);
	};
	for (const type of ["input", "change", "keydown", "pointerdown", "click"])
		document.addEventListener(type, note, { capture: true, signal });
	noteSecrets(secrets);
	// The session may have ended since the last request. A logout leaves the page, too: its own pages
	// throw away what is kept here.
	const leave = () => owner && Date.now() > owner.expiresAt && keep(owner);
	platform.listen("pagehide", leave, signal);
	const before = parse(storage?.getItem(name));
	if (before) forgetAt(before.at + DRAFT_TTL);
	look();
	return { look };
}

async function hashOf(text: string): Promise<string> {
	const bytes = new Uint8Array(
		await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
	);
	return bytes.reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
}

function parse(text: string | null | undefined): Kept | undefined {
	try {
		return JSON.parse(text || "null") ?? undefined;
	} catch {
		return undefined;
	}
}
