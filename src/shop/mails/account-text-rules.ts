import type { Words } from './render-rules.ts'

/**
 * Mails about an account. None of them names its owner: whoever signs up with somebody else's address could have their own words mailed
 * to them under that name.
 */
export function welcomeWords(shop_name: string, link: string | undefined): Words {
  const confirm = link === undefined ? [] : [...confirmation(link)]
  return {
    subject: `Welcome to ${shop_name}`,
    blocks: [
      { says: `There is now an account with this e-mail address at ${shop_name}.` },
      ...confirm,
      { says: 'If it was not you who made it, nothing needs to be done.' },
    ],
  }
}

/** Asks whether the address is the account's. */
export function verificationWords(link: string): Words {
  return {
    subject: 'Confirm your e-mail address',
    blocks: [...confirmation(link), { says: 'If you did not ask for this mail, nothing needs to be done.' }],
  }
}

/** Lets somebody in who has forgotten the password. */
export function resetWords(link: string): Words {
  return {
    subject: 'Set a new password',
    blocks: [
      { says: 'Somebody, probably you, asked for a new password for the account with this e-mail address.' },
      { link, label: 'Set a new password' },
      { says: 'The link works once, within 30 minutes. It ends every session of the account.' },
      { says: 'If you did not ask for it, nothing needs to be done: the password stays as it is.' },
    ],
  }
}

/** To the new address. */
export function changeWords(link: string): Words {
  return {
    subject: 'Confirm your new e-mail address',
    blocks: [
      { says: 'This address was named as the new one of an account.' },
      { link, label: 'Confirm this address' },
      { says: 'The link works once, within 24 hours. Until it is used, the account keeps its old address.' },
      { says: 'If you know nothing of it, nothing needs to be done.' },
    ],
  }
}

/** To the old address, which may be the only one that its owner still reads. */
export function changeNoticeWords(): Words {
  return {
    subject: 'Your e-mail address is about to change',
    blocks: [
      { says: 'Somebody who knows the password asked to change the e-mail address of your account.' },
      { says: 'It changes once the new address is confirmed.' },
      {
        says: 'If it was not you, change your password now: that stops the change and ends every other session.',
      },
    ],
  }
}

/** To the address that it was, when it is another. */
export function emailChangedWords(): Words {
  return {
    subject: 'Your e-mail address was changed',
    blocks: [
      {
        says: 'The account that had this e-mail address has another one now, and this one gets no more mail of it.',
      },
      { says: 'If it was not you, write to us at once: whoever did it knew the password.' },
    ],
  }
}

/** However it was changed. */
export function passwordChangedWords(): Words {
  return {
    subject: 'Your password was changed',
    blocks: [
      { says: 'The password of your account was changed just now, and every other session was ended.' },
      { says: 'If it was not you, ask for a new password now: the link for it comes to this address.' },
    ],
  }
}

function confirmation(link: string) {
  return [
    { link, label: 'Confirm that this address is yours' },
    { says: 'The link works once, within 24 hours, while you are signed in.' },
  ] as const
}
