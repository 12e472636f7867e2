/**
 * The form in which a password is counted, compared and hashed. Keyboards write the same letters in different ways, so
 * NIST SP 800-63B, 5.1.1.2, asks for NFKC.
 */
export const normalized = (password: string): string => password.normalize("NFKC");
