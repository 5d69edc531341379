"""Operations on personal data: find, export, erase, put right, restrict, retain; backups that forget what was erased since."""
