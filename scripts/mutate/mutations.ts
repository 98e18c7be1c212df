import type { Mutation } from "./mutation.ts";
import { APP } from "./mutations-app.ts";
import { GUARD } from "./mutations-guard.ts";
import { HOSTS } from "./mutations-hosts.ts";
import { PROTOCOL } from "./mutations-protocol.ts";
import { SESSION } from "./mutations-session.ts";
import { STATE } from "./mutations-state.ts";

/** Everything that is switched off. */
export const MUTATIONS: readonly Mutation[] = [...PROTOCOL, ...SESSION, ...GUARD, ...STATE, ...APP, ...HOSTS];
