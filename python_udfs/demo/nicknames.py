"""Common short forms of given names, by language; our own small table."""

from __future__ import annotations

# one line a name: full form, then short forms; Cyrillic and Greek forms stand beside the Latin ones
_TABLE = """
William Bill Will|Elizabeth Liz Beth|Robert Bob Rob|Richard Rick Dick|Margaret Maggie Peggy|James Jim Jamie
John Jack Johnny|Michael Mike Mick|Katherine Kate Kathy|Catherine Cathy Kate|Thomas Tom Tommy|Joseph Joe Joey
Charles Charlie Chuck|Edward Ed Ted|Christopher Chris Kit|Daniel Dan Danny|Matthew Matt Matty|Anthony Tony Ant
Andrew Andy Drew|Stephen Steve Ste|Steven Steve Stevie|Patricia Pat Trish|Jennifer Jen Jenny|Susan Sue Suzie
Rebecca Becky Becca|Deborah Debbie Deb|Barbara Barb Babs|Samuel Sam Sammy|Samantha Sam Sammy|Benjamin Ben Benny
Nicholas Nick Nicky|Alexander Alex Sandy|Alexandra Alex Sandra|Victoria Vicky Tori|Jonathan Jon Jonny
Timothy Tim Timmy|Gregory Greg Gregg|Jeffrey Jeff Geoff|Kenneth Ken Kenny|Ronald Ron Ronnie|Donald Don Donny
Lawrence Larry Laurie|Raymond Ray|Gerald Gerry Jerry|Jacqueline Jackie Jacqui|Kimberly Kim|Pamela Pam
Sandra Sandy|Cynthia Cindy|Dorothy Dot Dolly|Theresa Terry Tess|Amanda Mandy|Abigail Abby Gail|Natalie Nat
Zachary Zach Zac|Joshua Josh|Nathan Nate|Peter Pete|Philip Phil Pip|Frederick Fred Freddie|Leonard Len Lenny
Gabriel Gabe|Valerie Val|Jessica Jess Jessie|Melissa Mel|Melanie Mel|Maximilian Max Maxi|Johannes Hannes Hans
Wolfgang Wolf|Katharina Kathi Katja|Elisabeth Lisa Sissi|Sebastian Basti Seb|Friedrich Fritz|Josef Sepp Jupp
Heinrich Heinz Heiner|Franziska Franzi Ziska|Susanne Susi Sanne|Andreas Andi|Stefan Steffen Stef
Stephanie Steffi|Stefanie Steffi|Gabriele Gabi|Michaela Michi|Matthias Matze Hias|Magdalena Leni Magda
Margarete Grete Gretel|Ulrich Uli|Ulrike Uli Rike|Dorothea Dora Thea|Wilhelm Willi|Bernhard Bernd
Joachim Achim Jochen|Manfred Manni|Theodor Theo|Jacques Jacquot|Frédéric Fred|Stéphane Steph|Stéphanie Steph
Nathalie Nath|Jean-Pierre JP|Guillaume Guigui|Alexandre Alex|Sébastien Seb|Caroline Caro|Véronique Véro
Dominique Dom|Isabelle Isa|Françoise Fanfan|Philippe Phil|Emmanuel Manu|Emmanuelle Manue|Bernadette Nadette
Charlotte Charlie Lotte|Francisco Paco Fran|José Pepe|Josefa Pepa|Dolores Lola|Ignacio Nacho|Manuel Manolo Manu
Rafael Rafa|Enrique Quique|Concepción Concha|Guadalupe Lupe|Alejandro Álex|Alejandra Ale|Jesús Chus Suso
Pilar Pili|Rosario Charo|Isabel Isa Chabela|Mercedes Merche|Antonio Toni Toño|Beatriz Bea|Eduardo Edu
Roberto Rober Beto|Teresa Tere Maite|Ana Anita|Cristina Cris Tina|Gregorio Goyo|Giuseppe Beppe Peppe
Francesco Franco Cesco|Giovanni Gianni Nanni|Domenico Mimmo|Salvatore Totò Turi|Alessandro Ale Sandro
Alessandra Ale Sandra|Luigi Gigi|Lorenzo Renzo|Vincenzo Enzo|Leonardo Leo|Federico Fede Chicco|Federica Fede
Elisabetta Betta Lisa|Giuseppina Pina|Raffaele Lele|Michele Lele|Filippo Pippo|Gabriella Lella|Stefania Stefy
Daniele Dani|Daniela Dani|Valentina Vale|Cornelis Kees Cor|Jan Johnny|Willem Wim|Hendrik Henk|Pieter Piet
Gerrit Ger|Elisabeth Els Bets|Maria Marijke|Bartholomeus Bart|Antonius Ton Toon|Theodorus Theo Dorus
Hendrikus Henk|Geertruida Truus|Margaretha Greet|Jakub Kuba|Małgorzata Gosia|Katarzyna Kasia|Aleksander Olek
Aleksandra Ola|Agnieszka Aga|Joanna Asia|Anna Ania|Jan Janek|Krzysztof Krzysiek|Tomasz Tomek|Piotr Piotrek
Wojciech Wojtek|Stanisław Staszek|Barbara Basia|Zofia Zosia|Mateusz Mati|Michał Misiek|Paweł Pawełek
Magdalena Magda|Ewa Ewka|Олександр Саша Сашко|Олександра Саша Леся|Володимир Володя Вова|Михайло Миша Михась
Наталія Наталя Наташа|Катерина Катя|Іван Ваня|Марія Маша Марійка|Дмитро Діма Митя|Євген Женя|Анастасія Настя
Тетяна Таня|Олена Лена|Микола Коля|Петро Петрик|Юрій Юра|Сергій Серж|Василь Вася|Григорій Гриша|Ганна Аня
Оксана Ксеня|Людмила Люда|Любов Люба|Степан Стьопа|Олексій Льоша|Павло Паша|Роман Рома|Александър Сашо Алекс
Георги Гошо Жоро|Димитър Митко|Иван Ваньо|Николай Ники Кольо|Петър Пешо|Стефан Стефчо|Елена Ели|Мария Мими
Васил Васко|Йордан Данчо|Христо Ицо|Теодора Теди|Виктория Вики|Цветелина Цвети|Γεώργιος Γιώργος|Ιωάννης Γιάννης
Κωνσταντίνος Κώστας Ντίνος|Δημήτριος Δημήτρης Μίμης|Νικόλαος Νίκος|Παναγιώτης Πάνος|Αικατερίνη Κατερίνα
Βασίλειος Βασίλης|Ελένη Λένα|Ευάγγελος Βαγγέλης|Αθανάσιος Θανάσης|Χρήστος Χρηστάκης|Αναστάσιος Τάσος
Σπυρίδων Σπύρος|Μαρία Μαίρη|Εμμανουήλ Μανώλης|Αντώνιος Αντώνης|Μιχαήλ Μιχάλης|Βασιλική Βίκυ|Παρασκευή Βούλα Εύη
Θεόδωρος Θοδωρής|Αλέξανδρος Αλέκος|Απόστολος Τόλης
"""


def nicknames() -> dict[str, tuple[str, ...]]:
    """Short forms by full given name."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.split("\n"):
        for entry in line.split("|"):
            full, *short = entry.split() or [""]
            if full:
                found.setdefault(full, tuple(short))
    return found
