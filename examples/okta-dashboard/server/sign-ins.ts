import type { AppUse, Day } from "../shared/types.ts";
import { seededRandom } from "./random.ts";

const DAY = 86_400_000;
const APPS: readonly (readonly [name: string, share: number])[] = [
	["Mail", 0.34],
	["Wiki", 0.22],
	["Source control", 0.18],
	["Payroll", 0.14],
	["Travel", 0.12],
];

/**
 * Sign-ins of the last days, today being the last one. Made up, and the same for the same date.
 *
 * @param now Milliseconds since the epoch.
 */
export function signInsByDay(days: number, now: number): Day[] {
	const today = Math.floor(now / DAY);
	return Array.from({ length: days }, (_, i) => dayOf(today - days + 1 + i));
}

/** How the sign-ins of these days are spread over the applications, the busiest first. */
export function signInsByApp(days: readonly Day[]): AppUse[] {
	const total = days.reduce((sum, { succeeded }) => sum + succeeded, 0);
	return APPS.map(([app, share]) => ({ app, signIns: Math.round(total * share) }));
}

function dayOf(number: number): Day {
	const random = seededRandom(number);
	const date = new Date(number * DAY);
	const isWeekend = date.getUTCDay() % 6 === 0;
	const succeeded = Math.round(
		(isWeekend ? 140 : 620) + 60 * Math.sin(number / 9) + 120 * random(),
	);
	return {
		date: date.toISOString().slice(0, 10),
		succeeded,
		failed: Math.round(succeeded * (0.015 + 0.05 * random())),
	};
}
