import { z } from "zod";
import { type AppUse, type Day, RANGES, type Range, type RoleCount } from "../shared/types.ts";
import { computed, event, field, State } from "./auth.ts";
import { hasRole } from "./authz.ts";
import { directory, peopleTopic } from "./data.ts";
import { signInsByApp, signInsByDay } from "./sign-ins.ts";

const MINUTE = 60;

/** The charts. Nothing here names a person. */
export class MetricsState extends State {
	/** Each tab has its own. */
	range = field<Range>("30", { auth: hasRole });
	/** Looked at again by time as well: a page that stays open over midnight moves on. */
	days = computed(() => signInsByDay(Number(this.range.value), Date.now()), {
		auth: hasRole,
		initial: [] as Day[],
		interval: 5 * MINUTE,
	});
	apps = computed(() => signInsByApp(this.days.value), { auth: hasRole, initial: [] as AppUse[] });
	/** Changes in every open tab as soon as an admin gives a person another role. */
	roles = computed(() => directory.countByRole(), {
		auth: hasRole,
		on: [peopleTopic],
		initial: [] as RoleCount[],
	});

	setRange = event({ auth: hasRole, input: z.enum(RANGES) }, ({ input: range }) => {
		this.range.value = range;
	});
}
