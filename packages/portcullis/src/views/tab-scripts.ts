import { LIVE_FOR, POLL_EVERY, RENEWAL_LOCK } from "../wire/renewal.ts";
import { DRAFTS, TABS_CHANNEL } from "../wire/tabs.ts";

// What scripts of the gate's pages share. All stand in a <script> with `data-endpoints`, which
// names lock, mark and channel.

/**
 * Defines `endpoints` and `announce`, which makes the other tabs ask who is signed in now. No data
 * goes along.
 */
export const announceToTabs: string = `const { endpoints } = document.currentScript.dataset;
const announce = () => {
	try {
		const channel = new BroadcastChannel("${TABS_CHANNEL}" + endpoints);
		channel.postMessage({ type: "hydrate" });
		channel.close();
	} catch {}
};`;

/**
 * Defines, besides, `forgetDrafts`: what was typed into this tab before its session ended is gone
 * with a sign-out.
 */
export const forgetDrafts: string = `const forgetDrafts = () => {
	try {
		sessionStorage.removeItem("${TABS_CHANNEL}" + endpoints + "${DRAFTS}");
	} catch {}
};`;

/**
 * Defines, besides, what a page needs to take its turn with the tabs that renew the session: see
 * `client/renewal.ts`.
 */
export const takeTurns: string = `${announceToTabs}
const turn = "${RENEWAL_LOCK}" + endpoints;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const inTurn = (held) => (navigator.locks ? navigator.locks.request(turn, held) : held());
const ask = async () => {
	const init = { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(${LIVE_FOR}) };
	return (await fetch(endpoints + "/session", init)).json();
};
const mark = (value) => {
	try {
		localStorage.setItem(turn, JSON.stringify(value));
	} catch {}
};
const isUnderWay = (session) => {
	try {
		const { generation, time, done } = JSON.parse(localStorage.getItem(turn));
		return !done && session.refresh?.generation === generation && Math.abs(Date.now() - time) < ${LIVE_FOR};
	} catch {
		return false;
	}
};
const quiet = async (isEnough) => {
	for (;;) {
		const session = await ask();
		if (isEnough?.(session) || !isUnderWay(session)) return session;
		await pause(${POLL_EVERY});
	}
};`;
