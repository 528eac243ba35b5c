import { type Static, Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'
import type { Role } from '../../kernel/principal.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export const MAX_EMAIL_LENGTH = 254
export const MAX_NAME_LENGTH = 100
/** Bounds the work before any hash is computed; far above the 64 characters that anyone may expect to work. */
export const MAX_PASSWORD_LENGTH = 1_024
export const MIN_PASSWORD_LENGTH = 6
export const MIN_PASSWORD_LENGTH_PRODUCTION = 10
const MAX_SEARCH_LENGTH = 100

/** What staff set, and what an account comes to when its person is erased: for good. */
export const STATUSES = ['active', 'deactivated', 'erasing', 'erased'] as const
export type UserStatus = (typeof STATUSES)[number]

const RoleSchema = Type.Enum(['customer', 'admin', 'super_admin'])
const StatusSchema = Type.Enum(['active', 'deactivated'])
const AnyStatus = Type.Enum([...STATUSES])

/** A person with an account. The e-mail lies here as it is compared: normalised and case-folded. */
export interface User extends Stored {
  email: string
  name: string
  /** The name as it is searched. */
  name_key: string
  role: Role
  status: UserStatus
  /** Scheme tag and hash; never leaves the capability. */
  password: string
  /** Sessions opened under another number are over: raising it signs out every device in one commit. */
  session_epoch: number
  /** What the role was before, oldest first, until when (RFC 3339). */
  role_history?: FormerRole[]
  /** When its owner showed that the e-mail is theirs; absent: never. */
  email_verified_at?: string
  /** Raised with whatever happens to the e-mail, from 0. */
  email_epoch?: number
  /** There from the wish to erase the person until everything is gone. */
  erasure?: Erasure
}

/** How far an account is on its way out. */
export interface Erasure {
  /** Who wants it. */
  by: string
  /** Milliseconds, like the next. */
  began_at: number
  /** When to look through everything again. */
  due_at: number
  /** What the last look had to leave, by the name of the part; absent before the first. */
  waits_for?: string[]
  /** Digest of the e-mail: under it attempts to sign in are counted. */
  account: string
}

export interface FormerRole {
  role: Role
  until: string
}

/** Of more changes of a role the oldest are forgotten. */
export const MAX_FORMER_ROLES = 100

export const USERS: CollectionDefinition<User> = {
  name: 'users',
  indexes: {
    email: { fields: ['email'], unique: true },
    created: { fields: ['created_at'] },
    role: { fields: ['role', 'created_at'] },
    status: { fields: ['status', 'created_at'] },
    name: { fields: ['name_key'] },
  },
}

/** The one document that decides who counts as a super_admin when one of them is to go. */
export interface SuperAdmins extends Stored {
  entries: SuperAdminEntry[]
}

export interface SuperAdminEntry {
  user_id: string
  /** `leaving`: the user's own document is about to follow. */
  state: 'member' | 'leaving'
  /** Milliseconds: when the entry was last changed. */
  since: number
}

export const SUPER_ADMINS: CollectionDefinition<SuperAdmins> = { name: 'super_admins', indexes: {} }
export const SUPER_ADMINS_ID = 'super_admins'

const Email = Type.String({
  minLength: 3,
  maxLength: MAX_EMAIL_LENGTH,
  description: 'Compared without regard to case',
})
const Name = Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: 'Plain text' })
export const Password = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_LENGTH })

export const UserView = Type.Object(
  {
    id: Type.String(),
    email: Type.String({ description: 'Empty once the person is erased, like the name' }),
    email_verified_at: Type.Union([Type.String(), Type.Null()], {
      description: 'When its owner showed that the e-mail is theirs',
    }),
    name: Type.String(),
    role: RoleSchema,
    status: AnyStatus,
    last_login_at: Type.Union([Type.String(), Type.Null()]),
    version: Type.Integer(),
    created_at: Type.String(),
    updated_at: Type.String(),
  },
  { additionalProperties: false },
)
export type UserView = Static<typeof UserView>

export const Registration = Type.Object(
  { email: Email, password: Password, name: Name },
  { additionalProperties: false },
)
export type Registration = Static<typeof Registration>

export const ProfileChange = Type.Object(
  { name: Type.Optional(Name) },
  { additionalProperties: false, minProperties: 1 },
)
export type ProfileChange = Static<typeof ProfileChange>

export const NewUser = Type.Object(
  { email: Email, password: Password, name: Name, role: Type.Optional(RoleSchema) },
  { additionalProperties: false },
)
export type NewUser = Static<typeof NewUser>

export const UserChange = Type.Object(
  { name: Type.Optional(Name), role: Type.Optional(RoleSchema), status: Type.Optional(StatusSchema) },
  { additionalProperties: false, minProperties: 1 },
)
export type UserChange = Static<typeof UserChange>

export const UserPage = Type.Object(
  {
    items: Type.Array(UserView),
    next_cursor: Type.Union([Type.String(), Type.Null()]),
    total: Type.Optional(
      Type.Object(
        { value: Type.Integer(), relation: Type.Enum(['eq', 'gte']) },
        { additionalProperties: false, description: 'Counting stops at 10,000' },
      ),
    ),
  },
  { additionalProperties: false },
)

export const UserFilter = {
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_SEARCH_LENGTH,
      description: 'Beginning of a name or an e-mail',
    }),
  ),
  role: Type.Optional(RoleSchema),
  status: Type.Optional(AnyStatus),
}

const state = { user_id: Type.String(), role: RoleSchema, status: StatusSchema }
const closed = { additionalProperties: false }
const TOPIC = 'ecommerce-user-events'

/** Actor is the user: signed up. Actor is somebody else: made by staff. */
export const userRegistered = defineEvent('user_registered', TOPIC, Type.Object(state, closed))
/** `changed` names fields and never tells what they hold. */
export const profileUpdated = defineEvent(
  'profile_updated',
  TOPIC,
  Type.Object({ ...state, changed: Type.Array(Type.String()) }, closed),
)
export const userRoleChanged = defineEvent(
  'user_role_changed',
  TOPIC,
  Type.Object({ user_id: Type.String(), from: RoleSchema, to: RoleSchema, status: StatusSchema }, closed),
)
export const userDeactivated = defineEvent('user_deactivated', TOPIC, Type.Object(state, closed))

const account = Type.Object({ user_id: Type.String(), role: RoleSchema }, closed)
/** Somebody wants it: the account is over, and the shop begins to forget the person. */
export const userErasing = defineEvent('user_erasing', TOPIC, account)
/** Nothing that the shop can remove tells of this person any more. */
export const userErased = defineEvent('user_erased', TOPIC, account)

export const EVENTS = [
  ...[userRegistered, profileUpdated, userRoleChanged, userDeactivated],
  ...[userErasing, userErased],
]
