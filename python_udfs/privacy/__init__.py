"""Operations on personal data: find, export, erase, restrict, retain; backups that forget what was erased since."""
