import type { Core } from "./core.ts";
import { type DraftValue, fill, readDrafts } from "./draft-fields.ts";
import type { Platform } from "./platform.ts";

/** What was typed is given back within this time, and forgotten after it. Milliseconds. */
const KEPT_FOR = 600_000;
/** The clock of this machine may be behind the server's by so much. Milliseconds. */
const SKEW = 60_000;
/** Fields that appear within this time are filled as well: they may come with values that are fetched. Milliseconds. */
const FILL_FOR = 30_000;
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

/** Carries what was typed over the end of a session that cannot be renewed. */
export interface Drafts {
	/** Looks who is there now: keeps what was typed if the session has ended, and gives it back to the same person. */
	look(): void;
}

/**
 * What stands in the fields of the page when the session has ended by itself stays in this tab, for ten minutes: until the same person is back on
 * the same page, once, or anybody else signs in here. A logout keeps nothing.
 *
 * @param name In the storage of the tab.
 */
export function createDrafts(core: Core, platform: Platform, name: string, signal: AbortSignal): Drafts {
	const { storage } = platform;
	const edited = new WeakSet<Element>();
	/** Whose session it is, or was until a moment ago. */
	let owner: Owner | undefined;
	let forgetting: ReturnType<typeof setTimeout> | undefined;

	const forget = () => {
		clearTimeout(forgetting);
		storage?.setItem(name, "");
	};

	const forgetAt = (time: number) => {
		clearTimeout(forgetting);
		forgetting = setTimeout(forget, time - Date.now());
	};

	const keep = ({ hash }: Owner) => {
		const values = readDrafts(document, edited);
		const kept = { person: hash, page: pageOf(platform.href()), at: Date.now(), values };
		const text = JSON.stringify(kept);
		owner = undefined;
		if (!hash || values.length === 0 || text.length > MAX_LENGTH) return;
		try {
			storage?.setItem(name, text);
		} catch {
			// Full: then it is lost.
		}
		forgetAt(kept.at + KEPT_FOR);
	};

	const giveBack = (hash: string) => {
		const kept = parse(storage?.getItem(name));
		if (!kept) return;
		const age = Date.now() - kept.at;
		const isTheirs = kept.person === hash && age >= 0 && age < KEPT_FOR;
		const page = pageOf(platform.href());
		if (isTheirs && kept.page !== page) return;
		forget();
		if (isTheirs) fillInTime(kept.values, () => owner?.hash === hash && pageOf(platform.href()) === page);
	};

	/** Fills what is there, and what comes for a while after. */
	const fillInTime = (values: readonly DraftValue[], isStill: () => boolean) => {
		let left = values;
		const step = () => {
			left = isStill() ? fill(document, left, edited) : [];
			if (left.length === 0) stop();
		};
		const observer = new MutationObserver(step);
		const timer = setTimeout(() => stop(), FILL_FOR);
		const stop = () => {
			observer.disconnect();
			clearTimeout(timer);
		};
		observer.observe(document, { childList: true, subtree: true });
		signal.addEventListener("abort", stop);
		step();
	};

	const look = () => {
		const { session } = core;
		const person = core.person ?? "";
		if (session?.signedIn) {
			const { expiresAt } = session;
			if (owner?.person === person) {
				owner.expiresAt = expiresAt * 1000;
				return;
			}
			const current: Owner = { person, expiresAt: expiresAt * 1000 };
			owner = current;
			void hashOf(current.person).then((hash) => {
				if (owner !== current) return;
				current.hash = hash;
				giveBack(hash);
			});
		} else if (session && owner) {
			// A logout, here or elsewhere, is no reason to keep anything.
			if (Date.now() > owner.expiresAt - SKEW) keep(owner);
			else owner = undefined;
		}
	};

	const note = ({ target }: Event) => target instanceof Element && edited.add(target);
	for (const type of ["input", "change"]) document.addEventListener(type, note, { capture: true, signal });
	// It may have ended without anybody having asked since. No tolerance here: a logout leaves the page, too.
	const leave = () => owner && Date.now() > owner.expiresAt && keep(owner);
	platform.listen("pagehide", leave, signal);
	const before = parse(storage?.getItem(name));
	if (before) forgetAt(before.at + KEPT_FOR);
	look();
	return { look };
}

function pageOf(href: string): string {
	const { pathname, search } = new URL(href);
	return pathname + search;
}

async function hashOf(text: string): Promise<string> {
	const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
	return bytes.reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
}

function parse(text: string | null | undefined): Kept | undefined {
	try {
		return JSON.parse(text ?? "null") ?? undefined;
	} catch {
		return undefined;
	}
}
