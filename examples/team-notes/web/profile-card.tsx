import type { Viewer } from "../shared/types.ts";
import { Avatar } from "./avatar.tsx";

/** What the identity provider says about the person, as far as this app asks. */
export function ProfileCard({ viewer }: { viewer: Viewer }) {
	return (
		<aside className="card profile" aria-labelledby="profile">
			<h2 id="profile">Signed in</h2>
			<div className="person">
				<Avatar name={viewer.name} picture={viewer.picture} size={56} />
				<div>
					<p className="name">{viewer.name}</p>
					{viewer.email && <p className="muted">{viewer.email}</p>}
				</div>
			</div>
			<h3>Groups</h3>
			<Groups groups={viewer.groups} />
			{!viewer.isAdmin && (
				<p className="muted">
					Not an admin: <a href="/admin">the admin page</a> will say so.
				</p>
			)}
		</aside>
	);
}

function Groups({ groups }: { groups: readonly string[] | null }) {
	if (groups === null) return <p className="muted">The identity provider sent no groups.</p>;
	if (groups.length === 0) return <p className="muted">None.</p>;
	return (
		<ul className="chips">
			{groups.map((group) => (
				<li key={group}>{group}</li>
			))}
		</ul>
	);
}
