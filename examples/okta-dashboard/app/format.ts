const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// By hand and in UTC: server and browser have to write the same text, regardless of their time
// zones and language data.

/** `1,234`. */
export function formatCount(count: number): string {
	return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `3.4%`. */
export function formatShare(share: number): string {
	return `${(share * 100).toFixed(1)}%`;
}

/** `31 Mar` of an ISO 8601 date. */
export function formatDay(date: string): string {
	return `${Number(date.slice(8, 10))} ${MONTHS[Number(date.slice(5, 7)) - 1] ?? "?"}`;
}

/** `31 Mar 2026, 14:05 UTC` of an ISO 8601 time in UTC. */
export function formatTime(time: string): string {
	return `${formatDay(time)} ${time.slice(0, 4)}, ${time.slice(11, 16)} UTC`;
}
