import { auditStore } from "./audit-store.ts";
import { auth } from "./auth.ts";
import { isAdmin } from "./authz.ts";

const { State, computed } = auth;

/** What admins see of who came and went. */
export class AuditState extends State {
	trail = computed(() => auditStore.last(), { auth: isAdmin, initial: [] });
}
