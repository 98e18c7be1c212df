import { Avatar } from "./avatar.tsx";
import { useServerState } from "./portcullis.ts";

/** What the identity provider says about the person, as far as this app asks. */
export function ProfileCard() {
	const { name, email, picture, groups, isAdmin } = useServerState("user");
	return (
		<aside className="card profile" aria-labelledby="profile">
			<h2 id="profile">Signed in</h2>
			<div className="person">
				<Avatar name={name} picture={picture} size={56} />
				<div>
					<p className="name">{name}</p>
					{email && <p className="muted">{email}</p>}
				</div>
			</div>
			<h3>Groups</h3>
			<Groups groups={groups} />
			{!isAdmin && (
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
